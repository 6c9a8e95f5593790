import type { OptionTable } from "./options.ts";

/**
 * Which options take a value, of docker 20 to 28, podman 4 and 5, buildah, nerdctl and skopeo together: where they have an
 * option in common they agree about it. https://docs.docker.com/reference/cli/docker/container/run/
 * https://docs.podman.io/en/latest/markdown/podman-run.1.html
 */

function table(names: string, stopsAtOperand = false): OptionTable {
  return { valued: new Set(names.trim().split(/\s+/)), stopsAtOperand };
}

/** Before the subcommand: `docker --context x run`. */
export const globalOptions = table(
  `config context c host H log-level l tlscacert tlscert tlskey
   cgroup-manager conmon connection events-backend hooks-dir identity imagestore module network-cmd-path network-config-dir
   out root runroot runtime runtime-flag ssh storage-driver storage-opt tmpdir url volumepath transient-store pull-option
   registries-conf registries-conf-dir short-name-alias-conf userns-gid-map userns-uid-map
   command-timeout override-arch override-os override-variant policy registries.d user-agent-prefix
   namespace n address a host-gateway-ip snapshotter data-root cni-path cni-netconfpath hosts-dir cgroup-manager`,
  true,
);

/** Of `run` and `create`. */
export const runOptions = table(
  `add-host annotation a attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile cpu-count
   cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime c cpu-shares cpus cpuset-cpus cpuset-mems detach-keys device
   device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops dns dns-opt dns-option dns-search
   domainname entrypoint e env env-file expose gpus group-add health-cmd health-interval health-retries
   health-start-interval health-start-period health-timeout h hostname io-maxbandwidth io-maxiops ip ip6 ipc isolation
   kernel-memory l label label-file link link-local-ip log-driver log-opt mac-address m memory memory-reservation
   memory-swap memory-swappiness mount name net net-alias network network-alias oom-score-adj pid pids-limit platform
   p publish pull restart runtime security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs ulimit u user userns
   uts v volume volume-driver volumes-from w workdir
   arch authfile cert-dir cgroup-conf cgroups chrootdirs conmon-pidfile creds decryption-key env-merge gidmap gpus
   group-entry health-log-destination health-max-log-count health-max-log-size health-on-failure health-startup-cmd
   health-startup-interval health-startup-retries health-startup-success health-startup-timeout hosts-file hostuser
   image-volume init-ctr init-path intel-rdt-clos-id os passwd-entry personality pidfile pod pod-id-file preserve-fd
   preserve-fds rdt-class requires retry retry-delay rootfs-propagation sdnotify seccomp-policy secret shm-size-systemd
   signature-policy subgidname subuidname systemd timeout tz uidmap umask unsetenv variant
   ipfs-address cosign-key cosign-certificate-identity cosign-certificate-identity-regexp cosign-certificate-oidc-issuer
   cosign-certificate-oidc-issuer-regexp verify`,
  true,
);

export const pullOptions = table(
  `platform arch authfile cert-dir creds decryption-key os policy retry retry-delay signature-policy variant
   cosign-key cosign-certificate-identity cosign-certificate-oidc-issuer verify unpack snapshotter
   hosts-dir u user label max-concurrent-downloads tlscacert tlscert tlskey`,
);

/** Of `build`, `buildx build` and `buildah bud`. */
export const buildOptions = table(
  `add-host allow annotation attest build-arg build-context builder cache-from cache-to call cgroup-parent cpu-period
   cpu-quota c cpu-shares cpuset-cpus cpuset-mems f file iidfile isolation label m memory memory-swap metadata-file network
   no-cache-filter o output platform policy progress provenance sbom secret security-opt shm-size ssh t tag target ulimit
   arch authfile cache-ttl cap-add cap-drop cert-dir cgroupns compat-volumes cpp-flag creds decryption-key device dns
   dns-option dns-search env format from hooks-dir ignorefile ipc jobs layer-label logfile manifest os os-feature os-version
   pid retry retry-delay runtime runtime-flag sbom-image-output sbom-output sbom-purl-output sbom-scanner-command
   sbom-scanner-image sign-by source-date-epoch timestamp unsetenv unsetlabel userns userns-gid-map userns-gid-map-group
   userns-uid-map userns-uid-map-user uts v variant volume buildkit-host ipfs-address`,
);

/** Of `docker buildx create`. */
export const builderOptions = table(
  "append bootstrap-arg buildkitd-config buildkitd-flags config driver driver-opt name node platform",
);

export const bakeOptions = table("allow builder call f file metadata-file progress provenance sbom set");

export const imagetoolsOptions = table(
  "builder annotation f file metadata-file progress p platform prefer-index format",
);

export const loginOptions = table("u username p password authfile cert-dir compat-auth-file secret scheme");

/** Before the verb of `docker compose`. */
export const composeOptions = table(
  "ansi c context env-file f file H host log-level parallel p profile progress project-directory project-name tlscacert tlscert tlskey",
  true,
);

/** After it. */
export const composeVerbOptions = table(
  `attach build-arg builder e entrypoint env exit-code-from m memory name no-attach p policy progress publish pull scale ssh t
   timeout u user v volume w wait-timeout workdir l label cap-add cap-drop provenance sbom`,
);

/** Of `docker service create` and `update`, and `docker stack deploy`. */
export const serviceOptions = table(
  `args cap-add cap-drop config constraint container-label credential-spec dns dns-option dns-search endpoint-mode entrypoint e
   env env-file generic-resource group health-cmd health-interval health-retries health-start-interval health-start-period
   health-timeout host hostname image isolation l label limit-cpu limit-memory limit-pids log-driver log-opt max-concurrent
   memory-swap memory-swappiness mode mount name network placement-pref p publish replicas replicas-max-per-node
   reserve-cpu reserve-memory restart-condition restart-delay restart-max-attempts restart-window rollback-delay
   rollback-failure-action rollback-max-failure-ratio rollback-monitor rollback-order rollback-parallelism secret
   stop-grace-period stop-signal sysctl ulimit update-delay update-failure-action update-max-failure-ratio update-monitor
   update-order update-parallelism u user w workdir c compose-file bundle-file namespace orchestrator resolve-image`,
  true,
);

/** Of skopeo's copy, inspect and sync. */
export const skopeoOptions = table(
  `additional-tag authfile cert-dir creds daemon-host decryption-key dest-authfile dest-cert-dir dest-compress-format
   dest-compress-level dest-creds dest-daemon-host dest-password dest-registry-token dest-shared-blob-dir dest-username
   digestfile encrypt-layer encryption-key image-parallel-copies multi-arch password registry-token retry-delay retry-times
   shared-blob-dir sign-by sign-by-sigstore sign-by-sigstore-private-key sign-by-sq-fingerprint sign-identity
   sign-passphrase-file src-authfile src-cert-dir src-creds src-daemon-host src-password src-registry-token
   src-shared-blob-dir src-username username d dest f format p s src u`,
);

/** Of crane, gcrane, regctl and oras. */
export const registryToolOptions = table(
  `platform p format c config tag t new_layer new_tag base b entrypoint label l annotation a
   user u workdir w env e output o repo cmd old_base rebased new_base old_base_digest jobs j host logopt user-agent v verbosity
   cache_path from-file concurrency to-registry-config from-registry-config registry-config username password artifact-type
   from-username from-password to-username to-password from-identity-token to-identity-token identity-token`,
);

/** https://github.com/GoogleContainerTools/kaniko#additional-flags */
export const kanikoOptions = table(
  `build-arg cache-dir cache-repo cache-ttl compression compression-level context c context-sub-path
   custom-platform destination d digest-file dockerfile f git ignore-path image-download-retry image-fs-extract-retry
   image-name-tag-with-digest-file image-name-with-digest-file insecure-registry kaniko-dir label log-format
   oci-layout-path push-retry registry-certificate registry-client-cert registry-map registry-mirror skip-tls-verify-registry
   snapshot-mode snapshotMode tar-path tarPath target v verbosity secret`,
);

/** Of trivy, grype, syft and other scanners, as far as they stand before an image. */
export const scannerOptions = table(
  `c config cache-dir timeout cache-backend cache-ttl compliance config-data config-policy db-repository
   docker-host exit-code exit-on-eol f format file-patterns helm-set ignore-policy ignore-status
   ignored-licenses ignorefile image-config-scanners image-src input java-db-repository
   license-confidence-threshold max-image-size module-dir o output parallel password username
   pkg-relationships pkg-types platform podman-host policy-bundle-repository policy-namespaces redis-ca redis-cert redis-key
   registry-token rekor-url report sbom-sources scanners secret-config security-checks server s severity skip-dirs skip-files
   skip-policy t template token token-header vuln-severity-source vuln-type
   distro exclude fail-on file name scope vex select-catalogers source-name
   source-version exit-code only-severity ref org severity-threshold file project-name json-file-output
   accept-key accept-file exit-level l timeout authfile input ci-config source`,
);

/** https://docs.docker.com/reference/cli/dockerd/ */
export const daemonOptions = table(
  `registry-mirror H host data-root config-file log-level l storage-driver s storage-opt insecure-registry bip mtu exec-root
   pidfile p group G dns dns-opt dns-search default-address-pool default-runtime default-ulimit containerd
   cgroup-parent label log-driver log-opt max-concurrent-downloads max-concurrent-uploads max-download-attempts
   oom-score-adjust shutdown-timeout tlscacert tlscert tlskey userns-remap add-runtime feature metrics-addr network-cidr`,
);
