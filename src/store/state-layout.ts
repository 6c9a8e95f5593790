import { join } from "node:path";

/**
 * The state directory, drawn at the only place that builds its paths:
 *
 *     STATE/
 *       .gitignore          "*": nothing in here belongs in a repository
 *       lock                pid of the process that uses the account
 *       limit-readings.jsonl  what `chubo limit` was told
 *       program-versions.json  what docker clients said of their version
 *       ca/                 ca.pem, ca.key (0600), bundle.pem (the system's roots and ca.pem)
 *       account/            chubo.db (SQLite), secret.key (0600)
 *         disposable          there while nobody has asked to keep the account
 *         content/          blobs and objects under their digest
 *         incoming/         what is being written; swept at start but for unfinished uploads
 *       gateway/            what was pulled through; not the account's, so that no run discards it
 *         pulled.db           which repository may show what (SQLite)
 *         content/          manifests and blobs under their digest
 *         incoming/         what is being pulled, swept at start
 *         ledger.db           what was asked of upstreams (SQLite)
 *         lock                pid of the gateway that uses it, its address and its word for `chubo gateway prefetch` (0600)
 *       build-caches/PROJECT/  custom/ layers/ sources/: local caches of CodeBuild projects; they outlive the account of a run, as their builds do
 *       file-systems/DNS-NAME/  what stands in for a file system of EFS; outlives the account of a run too
 *       artifacts/BUILD/    unpacked artifacts of a build, for its user
 */
export interface StateLayout {
  root: string;
  gitignore: string;
  lock: string;
  limitReadings: string;
  programVersions: string;
  ca: string;
  account: string;
  disposable: string;
  database: string;
  secretKey: string;
  content: string;
  incoming: string;
  gateway: GatewayLayout;
  buildCaches: string;
  fileSystems: string;
  artifacts: string;
}

export interface GatewayLayout {
  root: string;
  database: string;
  content: string;
  incoming: string;
  ledger: string;
  lock: string;
}

export function stateLayout(root: string): StateLayout {
  const account = join(root, "account");
  const gateway = join(root, "gateway");
  return {
    root,
    gitignore: join(root, ".gitignore"),
    lock: join(root, "lock"),
    limitReadings: join(root, "limit-readings.jsonl"),
    programVersions: join(root, "program-versions.json"),
    ca: join(root, "ca"),
    account,
    disposable: join(account, "disposable"),
    database: join(account, "chubo.db"),
    secretKey: join(account, "secret.key"),
    content: join(account, "content"),
    incoming: join(account, "incoming"),
    gateway: {
      root: gateway,
      database: join(gateway, "pulled.db"),
      content: join(gateway, "content"),
      incoming: join(gateway, "incoming"),
      ledger: join(gateway, "ledger.db"),
      lock: join(gateway, "lock"),
    },
    buildCaches: join(root, "build-caches"),
    fileSystems: join(root, "file-systems"),
    artifacts: join(root, "artifacts"),
  };
}
