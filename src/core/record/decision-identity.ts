import type { RequestId } from '../access-request.ts';

/** SHA-256 of the text, in hex. */
export type Digest = (text: string) => string;

/** The name of a decision in Teleport, in PagerDuty and in the ledger: the same for everybody who works it out. */
export function decisionIdOf(requestId: RequestId, number: number, digest: Digest): string {
  return `OA-${digest(`${requestId} ${number}`).slice(0, 10).toUpperCase()}`;
}

/** The digest of all that a decision was made from and of what came out, in the order in which it is recorded. */
export function digestOfContent(content: object, digest: Digest): string {
  return digest(JSON.stringify(content));
}
