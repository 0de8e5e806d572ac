# The build stage needs a Swift 6.2 toolchain on Debian or Ubuntu and that distribution's package mirror; the runtime stage
# needs nothing: it is the binary, the C library, CA certificates and time zones (scripts/runtime-root). Both bases can
# come from a mirror. `docker build --target sbom` makes an image of one file, the list of what is inside.
ARG BUILD_BASE=swift:6.3-bookworm
ARG RUNTIME_BASE=scratch

FROM ${BUILD_BASE} AS libraries
WORKDIR /src
COPY scripts/install-deps scripts/build-libraries scripts/
# Security patches come with each new day's build; that of the same day may be kept.
ARG DAY=unknown
RUN CUSTOS_NEWEST=1 scripts/install-deps build image && scripts/build-libraries /archives

FROM libraries AS build
# Package.resolved, where the checkout has one, pins the versions.
COPY Package.swift Package.resolve[d] ./
COPY Sources Sources
# The manifest names the test targets, so their folders must be there.
COPY Tests Tests
COPY scripts/build-release scripts/check-linkage scripts/link-release scripts/release.ld scripts/
RUN CUSTOS_ARCHIVES=/archives scripts/build-release
COPY scripts/runtime-root scripts/sbom scripts/
RUN scripts/runtime-root .build/custos /rootfs && scripts/sbom /archives /rootfs >/custos.spdx.json

FROM scratch AS sbom
COPY --from=build /custos.spdx.json /custos.spdx.json

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
