/** Undefined for any host that is not a private ECR registry. */
export function parseRegistryHost(host: string | undefined): { region: string; registryId: string } | undefined {
  const match = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?::\d+)?$/.exec(host ?? "");
  return match === null ? undefined : { registryId: match[1] as string, region: match[2] as string };
}
