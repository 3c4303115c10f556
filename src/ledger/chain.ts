import { hash } from 'node:crypto';

/** What the first entry is chained to. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 in hex of UTF-8 text. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * The hash of an entry: SHA-256 over the previous entry's hash, its number, its time and the event's text exactly as
 * stored, one a line. Whoever holds the rows can check the chain with any SHA-256 tool.
 */
export function hashOf(
  previousHash: string,
  entry: { readonly seq: number; readonly at: string; readonly eventText: string },
): string {
  return sha256(`${previousHash}\n${entry.seq}\n${entry.at}\n${entry.eventText}`);
}
