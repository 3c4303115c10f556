import type { CallOptions, TeleportClient } from '../../src/teleport/connection/client.ts';
import { Cluster } from '../sim/teleport/cluster.ts';
import { CallLog } from '../sim/teleport/call-log.ts';
import { Faults } from '../sim/teleport/faults.ts';
import { CLUSTER_NAME, referenceWorld } from '../sim/teleport/reference-world.ts';
import { inProcessTeleport } from '../support/in-process-teleport.ts';

type Answers = Readonly<Record<string, (request: never) => object>>;

interface Answered {
  readonly path: string;
  readonly responseSerialize: (answer: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** A Teleport that answers to each of these methods as no simulated cluster would; what it says goes over the wire's codecs. */
export function answering(answers: Answers): TeleportClient {
  const call = ({ path, responseSerialize, responseDeserialize }: Answered, request: never) => {
    const answer = answers[path.split('/').at(-1) ?? ''];
    if (answer === undefined) throw new TypeError(`${path} is not answered`);
    return Promise.resolve(responseDeserialize(responseSerialize(answer(request))));
  };
  const collect = async (method: Answered, request: never) => [await call(method, request)];
  return { call, collect } as unknown as TeleportClient;
}

/** The simulated cluster without a connection, for what is told by a clock or needs no socket. */
export function unconnected(serverVersion = '18.11.0') {
  const edition = 'enterprise';
  const cluster = new Cluster({
    ...referenceWorld({ edition, listUsers: true }),
    ...{ clusterName: CLUSTER_NAME, edition, serverVersion },
  });
  const parts = { cluster, faults: new Faults(), calls: new CallLog() };
  return { ...parts, client: inProcessTeleport(parts) };
}

/** For calls that nobody gives up. */
export const { signal }: Pick<CallOptions, 'signal'> = new AbortController();

export async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const each of items) all.push(each);
  return all;
}
