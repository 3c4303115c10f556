import { TeleportError } from '../ports/teleport.ts';
import type { CallOptions, Method, TeleportClient } from './connection/client.ts';

export interface Listing<Request, Response, Row> {
  /** What is listed, for messages. */
  readonly what: string;
  readonly method: Method<Request, Response>;
  /** Asks for the page that begins there; the first one begins at the empty text. */
  readonly requestAt: (start: string) => NoInfer<Request>;
  readonly rows: (page: NoInfer<Response>) => readonly Row[];
  /** Where the next page begins; empty after the last. */
  readonly next: (page: NoInfer<Response>) => string;
}

/** What Teleport lists page by page. Throws as a call does; also where Teleport gives one page again and again. */
export async function* pagesOf<Request, Response, Row>(
  client: Pick<TeleportClient, 'call'>,
  { what, method, requestAt, rows, next }: Listing<Request, Response, Row>,
  options: CallOptions,
): AsyncGenerator<readonly Row[], void, void> {
  for (let start = ''; ;) {
    const page = await client.call(method, requestAt(start), options);
    const end = next(page);
    if (end !== '' && end === start) {
      throw new TeleportError('malformed', `teleport listed the same page of ${what} twice`, {
        transient: true,
      });
    }
    yield rows(page);
    if (end === '') return;
    start = end;
  }
}

/** The whole of it. */
export async function listedBy<Request, Response, Row>(
  client: Pick<TeleportClient, 'call'>,
  listing: Listing<Request, Response, Row>,
  options: CallOptions,
): Promise<readonly Row[]> {
  const listed: Row[] = [];
  for await (const page of pagesOf(client, listing, options)) listed.push(...page);
  return listed;
}
