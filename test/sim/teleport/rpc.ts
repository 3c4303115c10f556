import type { EventEmitter } from 'node:events';
import {
  Metadata,
  status,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedHandleCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import type { CallLog } from './call-log.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { Cluster } from './cluster.ts';
import { StatusError, accessDenied } from './errors.ts';
import { strikeAfter, strikeBefore, type Faults } from './faults.ts';
import type { Caller, Role } from './model.ts';
import type { WatchSink } from './watch-fanout.ts';
import type { WireMessage } from './wire-types.ts';

/** What a method may know about its call. */
export interface CallContext {
  readonly cluster: Cluster;
  readonly caller: Caller;
  /** The roles of the caller's certificate, as they are now. */
  readonly roles: readonly Role[];
  /** When the certificate of the caller ends. */
  readonly certificateExpires: Date | null;
  readonly remoteAddr: string;
}

interface WatchHandle {
  drained(): void;
  close(): void;
}

/**
 * A method by the shape of its answer. What it takes is settled by the proto file, which types do not reach: hence
 * `never`, to which a handler of any request type may be assigned.
 */
export type Method = UnaryMethod | ListMethod | WatchMethod;

interface UnaryMethod {
  readonly kind: 'unary';
  readonly handle: (request: never, context: CallContext) => WireMessage;
}

interface ListMethod {
  readonly kind: 'list';
  readonly handle: (request: never, context: CallContext) => readonly WireMessage[];
}

interface WatchMethod {
  readonly kind: 'watch';
  readonly handle: (request: never, context: CallContext, sink: WatchSink) => WatchHandle;
}

export interface RpcOptions {
  readonly cluster: Cluster;
  readonly faults: Faults;
  readonly calls: CallLog;
  /** Of the connection from `peer` (`address:port`), as long as it lasts. */
  readonly certificateOf: (peer: string) => ClientCertificate | undefined;
  /** Cuts the connection from `peer` (`address:port`). */
  readonly resetConnection: (peer: string) => void;
}

type AnyCall = ServerUnaryCall<unknown, WireMessage> | ServerWritableStream<unknown, WireMessage>;

export function unary(handle: UnaryMethod['handle']): Method {
  return { kind: 'unary', handle };
}

export function list(handle: ListMethod['handle']): Method {
  return { kind: 'list', handle };
}

export function watch(handle: WatchMethod['handle']): Method {
  return { kind: 'watch', handle };
}

/** grpc-js handlers for a table of methods: identity, faults and the call log are the same for all of them. */
export function handlersFor(
  methods: Readonly<Record<string, Method>>,
  options: RpcOptions,
): Record<string, UntypedHandleCall> {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      method.kind === 'unary' ? unaryHandler(name, method, options) : streamHandler(name, method, options),
    ]),
  );
}

function unaryHandler(
  name: string,
  { handle }: UnaryMethod,
  options: RpcOptions,
): handleUnaryCall<unknown, WireMessage> {
  return (call, callback) => {
    const recorded = record(name, call, options);
    underFaults(name, call, options, () => handle(call.request as never, identify(call, options)))
      .then((response) => {
        recorded.end(status.OK, '');
        callback(null, response);
      })
      .catch((error: unknown) => {
        const { code, message } = asStatus(error);
        recorded.end(code, message);
        callback({ code, details: message });
      });
  };
}

function streamHandler(
  name: string,
  method: ListMethod | WatchMethod,
  options: RpcOptions,
): handleServerStreamingCall<unknown, WireMessage> {
  return (call) => {
    const recorded = record(name, call, options);
    const end = () => {
      recorded.end(status.OK, '');
      call.end();
    };
    const fail = (error: unknown) => {
      const { code, message } = asStatus(error);
      recorded.end(code, message);
      call.emit('error', { code, details: message });
    };
    call.on('cancelled', () => recorded.end(status.CANCELLED, 'call cancelled'));
    underFaults(name, call, options, () => {
      const context = identify(call, options);
      if (method.kind === 'list') return method.handle(call.request as never, context);
      const subscription = method.handle(call.request as never, context, {
        write: (event) => call.write(event),
        end,
        fail,
      });
      call.on('drain', () => subscription.drained());
      call.on('cancelled', () => subscription.close());
      return undefined;
    })
      .then((messages) => {
        if (messages === undefined) return;
        for (const message of messages) call.write(message);
        end();
      })
      .catch(fail);
  };
}

async function underFaults<Result>(
  name: string,
  call: AnyCall,
  options: RpcOptions,
  apply: () => Result,
): Promise<Result> {
  const fault = options.faults.take(name);
  if (fault === undefined) return applied(call, options, apply);
  const aborted = new AbortController();
  const emitter: EventEmitter = call;
  emitter.on('cancelled', () => aborted.abort());
  const control = { signal: aborted.signal, resetConnection: () => options.resetConnection(call.getPeer()) };
  await strikeBefore(fault, control);
  const result = applied(call, options, apply);
  await strikeAfter(fault, control);
  return result;
}

function applied<Result>(call: AnyCall, { cluster }: RpcOptions, apply: () => Result): Result {
  const headers = new Metadata();
  headers.set('version', cluster.capabilities.serverVersion);
  call.sendMetadata(headers);
  return apply();
}

function record(
  name: string,
  call: AnyCall,
  { calls, cluster, certificateOf }: RpcOptions,
): ReturnType<CallLog['record']> {
  return calls.record({
    method: name,
    caller: certificateOf(call.getPeer())?.caller.user,
    time: cluster.now(),
    request: call.request,
  });
}

/**
 * Teleport: a connection without a client certificate is let in and then refused by every call; a user who is gone, or
 * locked, is refused although the certificate still holds.
 */
function identify(call: AnyCall, { cluster, certificateOf }: RpcOptions): CallContext {
  checkClientVersion(call, cluster);
  const remoteAddr = call.getPeer();
  const certificate = certificateOf(remoteAddr);
  if (certificate === undefined) throw accessDenied('access denied: no client certificate');
  const { caller, expires } = certificate;
  if (cluster.directory.findUser(caller.user) === undefined) {
    throw accessDenied(`access denied: user "${caller.user}" not found`);
  }
  const locks = cluster.locks.list({ targets: [], inForceOnly: true });
  const lock = locks.find(({ target }) => target.user === caller.user || caller.roles.includes(target.role));
  if (lock !== undefined) throw accessDenied(`lock "${lock.name}" is in force`);
  const roles = cluster.directory.rolesNamed(caller.roles);
  return { cluster, caller, roles, certificateExpires: expires, remoteAddr };
}

/** Teleport: a client which sends its version must be of the server's major version or the one before. */
function checkClientVersion(call: AnyCall, { capabilities }: Cluster): void {
  const [version] = call.metadata.get('version');
  if (version === undefined) return;
  const major = /^(\d+)\.\d+\.\d+/.exec(version.toString())?.[1];
  const serverMajor = Number.parseInt(capabilities.serverVersion, 10);
  if (major === undefined || Number(major) < serverMajor - 1) {
    throw accessDenied('client version is unsupported');
  }
}

function asStatus(error: unknown): { readonly code: status; readonly message: string } {
  if (error instanceof StatusError) return error;
  return { code: status.UNKNOWN, message: error instanceof Error ? error.message : String(error) };
}
