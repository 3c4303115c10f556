import type { status } from '@grpc/grpc-js';

/** One RPC as the server saw it. */
export interface RecordedCall {
  readonly method: string;
  /** The Teleport user of the client certificate; `undefined` when there was none. */
  readonly caller: string | undefined;
  readonly time: Date;
  readonly request: unknown;
  /** Absent while the call is under way. */
  readonly code: status | undefined;
  readonly message: string;
}

type MutableCall = { -readonly [Key in keyof RecordedCall]: RecordedCall[Key] };

interface Awaited {
  readonly method: string;
  readonly count: number;
  readonly resolve: (call: RecordedCall) => void;
  /** Whether the call must have ended. */
  readonly ended: boolean;
}

/** Every RPC in order of arrival, and a way to wait for the next. */
export class CallLog {
  readonly #calls: MutableCall[] = [];
  #awaited: Awaited[] = [];

  get all(): readonly RecordedCall[] {
    return this.#calls;
  }

  of(method: string): readonly RecordedCall[] {
    return this.#calls.filter((call) => call.method === method);
  }

  /** Resolves when the `count`-th call (from 1) of `method` has arrived, at once if it already has. */
  arrived(method: string, count = 1): Promise<RecordedCall> {
    return this.#wait({ method, count, ended: false });
  }

  /** Resolves when the `count`-th call (from 1) of `method` has been answered. */
  ended(method: string, count = 1): Promise<RecordedCall> {
    return this.#wait({ method, count, ended: true });
  }

  record(call: Pick<RecordedCall, 'method' | 'caller' | 'time' | 'request'>): {
    readonly end: (code: status, message: string) => void;
  } {
    const recorded: MutableCall = { ...call, code: undefined, message: '' };
    this.#calls.push(recorded);
    this.#settle();
    return {
      end: (code, message) => {
        recorded.code ??= code;
        recorded.message ||= message;
        this.#settle();
      },
    };
  }

  #wait(condition: Omit<Awaited, 'resolve'>): Promise<RecordedCall> {
    const { promise, resolve } = Promise.withResolvers<RecordedCall>();
    this.#awaited.push({ ...condition, resolve });
    this.#settle();
    return promise;
  }

  #settle(): void {
    this.#awaited = this.#awaited.filter(({ method, count, ended, resolve }) => {
      const calls = this.of(method).filter(({ code }) => !ended || code !== undefined);
      const call = calls[count - 1];
      if (call === undefined) return true;
      resolve(call);
      return false;
    });
  }
}
