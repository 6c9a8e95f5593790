/**
 * Makes and removes resources of one type. cloudformation owns this interface; server/resource-providers/ implements
 * it over the services' operations.
 */
export interface ResourceProvider {
  /** `AWS::S3::Bucket`. */
  type: string;
  /**
   * What of the properties this provider cannot honour; asked before anything of the stack is made. A value that is
   * not known by then is AWS's `{{changeSet:KNOWN_AFTER_APPLY}}`.
   */
  findUnsupported?(properties: Record<string, unknown>): readonly UnsupportedProperty[];
  create(request: CreateRequest): Promise<CreatedResource>;
  /** Succeeds where the resource is gone already. */
  delete(request: DeleteRequest): Promise<void>;
}

export interface UnsupportedProperty {
  /** `/Environment/DockerServer`. */
  path: string;
  /** Why, or what to do instead. */
  reason?: string;
}

export interface CreateRequest {
  stackName: string;
  stackId: string;
  logicalId: string;
  /** Fully resolved, checked against the resource type's specification, scalars coerced to their types. */
  properties: Record<string, unknown>;
  /** A name for a resource whose template gives none: `STACK-LOGICALID-XXXXXXXXXXXX`, the same at every try. */
  generatedName: string;
  account: string;
  region: string;
}

export interface CreatedResource {
  physicalId: string;
  /** What `Ref` returns, where that is not the physical ID. */
  ref?: string;
  /** What `Fn::GetAtt` returns, by attribute name. */
  attributes: Record<string, string>;
}

export interface DeleteRequest {
  stackName: string;
  logicalId: string;
  physicalId: string;
  /** As they were at the creation. */
  properties: Record<string, unknown>;
  account: string;
  region: string;
}
