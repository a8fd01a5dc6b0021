# A static binary alone in an image: no shell, no package, not root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/watcher ./cmd/watcher \
 && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/watcher /usr/local/bin/watcher
# Zone data and CA roots are linked into the binary.
COPY --from=build --chown=65532:65532 /out/data /var/lib/watcher
USER 65532:65532
WORKDIR /var/lib/watcher
VOLUME /var/lib/watcher
EXPOSE 8377
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["/usr/local/bin/watcher", "health", "-c", "/etc/watcher/config.yaml"]
ENTRYPOINT ["/usr/local/bin/watcher"]
CMD ["run", "-c", "/etc/watcher/config.yaml"]
