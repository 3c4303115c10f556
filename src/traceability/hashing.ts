/** How the ledger hashes: handed in, so that checking needs no library of its own. */
export interface Hashing {
  /** SHA-256 of UTF-8 text, in hex. */
  readonly digest: (text: string) => string;
  /** The hash of an entry, from the hash before it. */
  readonly hashOf: (
    previousHash: string,
    entry: { readonly seq: number; readonly at: string; readonly eventText: string },
  ) => string;
  /** What entry 1 is chained to. */
  readonly genesis: string;
}
