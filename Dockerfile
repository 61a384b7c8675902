# Earnest in a container. It downloads nothing when it runs: the model is part of the source.
#   docker build --tag earnest .
#   docker run --publish 127.0.0.1:8000:8000 --volume earnest:/data earnest
# With PostgreSQL and several workers: compose.yaml.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 EARNEST_HOST=0.0.0.0
WORKDIR /opt/earnest
COPY requirements/run.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements/run.txt
COPY LICENSE ./
COPY tools/link_source.py tools/
COPY src src
RUN python tools/link_source.py \
    && python -m compileall -q src \
    && useradd --system --uid 10001 --home-dir /data --create-home earnest

# Where the SQLite database is, unless EARNEST_DATABASE_URL says otherwise.
WORKDIR /data
VOLUME /data
USER earnest
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('EARNEST_PORT') or 8000}/healthz\", timeout=4)"]
ENTRYPOINT ["earnest"]
CMD ["serve"]
