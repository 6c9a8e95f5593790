export const userVariable = "DOCKERHUB_USERNAME";
export const passwordVariable = "DOCKERHUB_PASSWORD";
/** By standard input: an argument stands in process lists. */
export const loginCommand = `echo "$${passwordVariable}" | docker login --username "$${userVariable}" --password-stdin`;
