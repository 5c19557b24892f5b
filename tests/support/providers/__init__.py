"""Model servers as their makers document them and their users report them, played on loopback.

`hosted`, `gateways` and `local` hold one class per provider, `cases` the faults that they show, `playing` posts
articles to the service on them. docs/model-servers.md is made from here (`make providers`).
"""

from tests.support.providers.gateways import GATEWAYS
from tests.support.providers.hosted import HOSTED
from tests.support.providers.local import LOCAL
from tests.support.providers.provider import Provider

PROVIDERS: tuple[type[Provider], ...] = (*HOSTED, *GATEWAYS, *LOCAL)
