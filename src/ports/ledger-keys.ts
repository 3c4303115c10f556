/** What a MAC or a derived key is for: one made for another purpose is never taken for it. */
export type KeyPurpose = 'entry' | 'first-seen' | 'incident-key' | 'sighting' | 'usage';

/**
 * The key that tells what this service wrote from what others wrote into its database. Every method throws
 * LedgerUnavailableError when the key cannot be read, so that nothing is done without it.
 */
export interface LedgerKeys {
  /** The MAC of a text under the current key, in base64url. */
  mac(purpose: KeyPurpose, text: string): string;
  /** Whether the MAC is this text's under one of the keys that count at present. Takes the same time whatever differs. */
  verify(purpose: KeyPurpose, text: string, mac: string): boolean;
  /** A key of 32 bytes for a purpose of its own, from the current key. */
  derive(purpose: KeyPurpose): Buffer;
}
