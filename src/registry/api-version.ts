/** https://distribution.github.io/distribution/spec/api/#api-version-check */
export const apiVersion = { name: "docker-distribution-api-version", value: "registry/2.0" } as const;
