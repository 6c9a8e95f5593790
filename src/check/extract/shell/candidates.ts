/** Words of which one is in every command that this reader knows. */
const candidates =
  /docker|podman|buildah|nerdctl|finch|skopeo|crane|regctl|oras|\bctr\b|crictl|\bimg\b|kaniko|executor|\bsam\b|localstack|trivy|grype|syft|\bdive\b|dockle|snyk|\bpack\b|\bkind\b|oci:\/\/|registries\.conf|buildkit|get-login|auth\.json|\bmvnw?\b|gradle|\bjib\b/;

/** Whether a text says anything about registries: the others need no parser. */
export function holdsCandidate(text: string): boolean {
  return candidates.test(text);
}

/** Sets a variable, changes the directory, defines or runs something that another command has brought. */
export function isWorthReading(text: string): boolean {
  return (
    holdsCandidate(text) ||
    /=|\b(?:cd|pushd|popd|read|unset|shift)\b|\$|\(\)|\.sh\b|^\s*\.?\/|make|npm|yarn|just|task/.test(text)
  );
}
