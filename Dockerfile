# The build stage needs a Swift 6.2 toolchain on Debian or Ubuntu; the runtime stage needs nothing: it is the binary, the
# shared objects it needs, CA certificates and time zones (scripts/runtime-root). Both bases can come from a mirror.
ARG BUILD_BASE=swift:6.3-bookworm
ARG RUNTIME_BASE=scratch

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY scripts/install-deps scripts/
RUN scripts/install-deps build image
COPY Package.swift ./
COPY scripts scripts
COPY Sources Sources
# The manifest names the test targets, so their folders must be there.
COPY Tests Tests
RUN scripts/build-release && scripts/runtime-root .build/custos /rootfs

FROM ${RUNTIME_BASE} AS runtime
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="custos" \
      org.opencontainers.image.description="Watches containers and the host, and tells what changes" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /rootfs/ /
# Numeric, so that Kubernetes' runAsNonRoot can check it. /var/lib/custos belongs to it, so a named volume is writable.
USER 65532:65532
VOLUME /var/lib/custos
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --start-period=10s CMD ["/custos","health"]
ENTRYPOINT ["/custos"]
CMD ["run"]
