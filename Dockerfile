# The service and its worker alone: no build tools, no tests, no model weights. It runs as a user without a name or a
# home, on a read-only root file system; /tmp, /dev/shm and, for the jobs, /data are all it writes to:
#
#     docker run --read-only --tmpfs /tmp -v dragoman:/data -p 8080:8080 \
#         -e DRAGOMAN_API_KEYS=... -e OPENAI_API_KEY=... dragoman
#
# With DRAGOMAN_DATABASE_URL naming a PostgreSQL nothing is written to /data. A worker: docker run ... dragoman worker
#
# The base needs python3 (3.11 or newer) with venv, and CA certificates. pip is configured through the optional
# secret `pip.conf`: docker build --secret id=pip.conf,src=$HOME/.config/pip/pip.conf .
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /build
COPY requirements/build.txt requirements/service.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python3 -m venv tools && \
    python3 -m venv --without-pip /opt/dragoman && \
    tools/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r build.txt -c build.txt && \
    tools/bin/python -m pip --python /opt/dragoman/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary=:all: --require-hashes -r service.txt -c service.txt
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY schemas schemas
COPY prompts prompts
RUN tools/bin/python -m hatchling build -t wheel && \
    tools/bin/python -m pip --python /opt/dragoman/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-index --no-deps dist/*.whl

FROM ${BASE_IMAGE}
# What a base image brings for installing packages is of no use to a service, only to whoever breaks into it.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip \
    /usr/lib/python3*/ensurepip /usr/lib/python3/dist-packages/pip* /usr/share/python-wheels
COPY --from=build /opt/dragoman /opt/dragoman
RUN mkdir /data && chown 10001:10001 /data
ENV PATH=/opt/dragoman/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DRAGOMAN_DATABASE_URL=sqlite:////data/jobs.db \
    DRAGOMAN_HOST=0.0.0.0 \
    DRAGOMAN_PORT=8080
USER 10001:10001
WORKDIR /tmp
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['DRAGOMAN_PORT'] + '/healthz', timeout=4)"]
CMD ["dragoman", "serve"]
