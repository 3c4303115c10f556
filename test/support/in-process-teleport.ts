import { status } from '@grpc/grpc-js';
import type { CallOptions, TeleportClient } from '../../src/teleport/connection/client.ts';
import { teleportErrorOf } from '../../src/teleport/connection/errors.ts';
import { TeleportError } from '../../src/ports/teleport.ts';
import { accessRequestMethods } from '../sim/teleport/access-request-methods.ts';
import { auditLogMethods } from '../sim/teleport/audit-log-methods.ts';
import type { CallLog } from '../sim/teleport/call-log.ts';
import type { Cluster } from '../sim/teleport/cluster.ts';
import { StatusError } from '../sim/teleport/errors.ts';
import { strikeAfter, strikeBefore, type Faults } from '../sim/teleport/faults.ts';
import { listingMethods } from '../sim/teleport/listing-methods.ts';
import {
  AUDIT_LOG_SERVICE,
  AUTH_SERVICE,
  LOGIN_STATE_SERVICE,
  serviceDefinition,
  USERS_SERVICE,
} from '../sim/teleport/proto.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { watchMethods } from '../sim/teleport/watch-methods.ts';
import { loginStateMethods, resourceMethods, usersMethods } from '../sim/teleport/resource-methods.ts';
import type { Method } from '../sim/teleport/rpc.ts';

const SERVICES = {
  [AUTH_SERVICE]: { ...accessRequestMethods, ...listingMethods, ...watchMethods, ...resourceMethods },
  [USERS_SERVICE]: usersMethods,
  [LOGIN_STATE_SERVICE]: loginStateMethods,
  [AUDIT_LOG_SERVICE]: auditLogMethods,
};

interface Called {
  readonly path: string;
  readonly requestSerialize: (request: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** The simulated cluster as the service's own user calls it: the same methods, messages and faults, without a connection. */
export function inProcessTeleport(world: {
  readonly cluster: Cluster;
  readonly faults: Faults;
  readonly calls: CallLog;
}): TeleportClient {
  const { cluster, faults, calls } = world;

  function served({ path, requestSerialize, responseDeserialize }: Called, request: never) {
    const [, service = '', name = ''] = path.split('/');
    const methods: Readonly<Record<string, Method>> = SERVICES[service as keyof typeof SERVICES];
    const definition = serviceDefinition(service as keyof typeof SERVICES)[name];
    const handler = methods[name];
    if (definition === undefined || handler === undefined) throw new TypeError(`${path} is not served`);
    const message: unknown = definition.requestDeserialize(requestSerialize(request));
    const received = (answer: unknown) => responseDeserialize(definition.responseSerialize(answer));
    return { name, handler, message, received };
  }

  function context() {
    const user = cluster.directory.user(BOT_USER);
    return {
      cluster,
      caller: { user: BOT_USER, roles: user.roles },
      roles: cluster.directory.rolesNamed(user.roles),
      certificateExpires: null,
      remoteAddr: '',
    };
  }

  async function* stream(method: Called, request: never, { action, signal }: CallOptions) {
    const { handler, message, received } = served(method, request);
    if (handler.kind !== 'watch') throw new TypeError(`${method.path} is no watch`);
    const waiting: (unknown[] | StatusError | null)[] = [];
    let wake = Promise.withResolvers<undefined>();
    const put = (each: (typeof waiting)[number]): true => {
      waiting.push(each);
      wake.resolve(undefined);
      return true;
    };
    const subscription = handler.handle(message as never, context(), {
      write: (event) => put([event]),
      end: () => put(null),
      fail: put,
    });
    signal.addEventListener('abort', () => put(null));
    try {
      for (;;) {
        const next = waiting.shift();
        if (next === null) return;
        if (next instanceof StatusError) throw failed(next, action);
        if (next !== undefined) yield received(next[0]);
        else {
          await wake.promise;
          wake = Promise.withResolvers<undefined>();
        }
      }
    } finally {
      subscription.close();
    }
  }

  async function call(method: Called, request: never, { action, signal }: CallOptions): Promise<unknown> {
    const { name, handler, message, received } = served(method, request);
    if (handler.kind === 'watch') throw new TypeError(`${method.path} is a watch`);
    const { end } = calls.record({ method: name, caller: BOT_USER, time: cluster.now(), request: message });
    const cut = new AbortController();
    const control = { signal: AbortSignal.any([signal, cut.signal]), resetConnection: () => cut.abort() };
    try {
      const fault = faults.take(name);
      await strikeBefore(fault, control);
      const answer = handler.handle(message as never, context());
      await strikeAfter(fault, control);
      await Promise.resolve();
      end(status.OK, '');
      return handler.kind === 'list' ? (answer as readonly unknown[]).map(received) : received(answer);
    } catch (error) {
      const lost = cut.signal.aborted ? new StatusError(status.UNAVAILABLE, 'connection lost') : error;
      const refused = lost instanceof StatusError ? lost : new StatusError(status.UNKNOWN, String(lost));
      end(refused.code, refused.message);
      if (signal.aborted) throw givenUp(signal, action.does);
      throw failed(refused, action);
    }
  }

  return { call, collect: call, stream } as unknown as TeleportClient;
}

function failed({ code, message: details }: StatusError, action: CallOptions['action']): TeleportError {
  const error = Object.assign(new Error(`${code} ${details}`), { code, details });
  return teleportErrorOf(error, { addr: 'in-process', action, connectionFailure: null });
}

function givenUp(signal: AbortSignal, does: string): unknown {
  const reason: unknown = signal.reason;
  return reason instanceof DOMException && reason.name === 'TimeoutError'
    ? new TeleportError('timeout', `teleport did not answer in time to ${does}`, { transient: true })
    : reason;
}
