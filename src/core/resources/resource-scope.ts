/** Which resources a rule covers, all by patterns. An absent part is one that the rule does not speak of. */
export interface ResourceScope {
  /** Absent: the root cluster alone. */
  readonly clusters?: readonly string[];
  readonly kinds: readonly string[];
  /** Of nodes their host names. */
  readonly names: readonly string[];
  /** Absent: nothing that has a sub-resource is approved. */
  readonly subResources?: readonly string[];
  /** Absent: whatever login the role allows. */
  readonly logins?: readonly string[];
  readonly roleArns?: readonly string[];
  /** Labels, each with its values, or patterns; what is within Kubernetes has those of its cluster. Absent: whatever labels. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
}
