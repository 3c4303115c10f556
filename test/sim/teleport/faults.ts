import { status } from '@grpc/grpc-js';
import { StatusError } from './errors.ts';

/**
 * `error` refuses; `error-after` applies the call and then answers with an error; `stall-before` holds the call without
 * applying it; `stall-after` applies it and never answers; `reset` and `reset-after` cut the connection before or after
 * it is applied; `latency` only makes it slow.
 */
type FaultKind =
  'error' | 'error-after' | 'stall-before' | 'stall-after' | 'reset' | 'reset-after' | 'latency';

export interface Fault {
  /** The RPC it befalls, e.g. `SubmitAccessReview`; `*` for any. */
  readonly method: string;
  readonly kind: FaultKind;
  /** How many calls it befalls; for ever when absent. */
  readonly times?: number;
  /** For the error kinds; UNAVAILABLE when absent. */
  readonly code?: status;
  readonly message?: string;
  /** For `latency`, in milliseconds. */
  readonly ms?: number;
}

export interface CallControl {
  /** Aborts when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  readonly resetConnection: () => void;
}

interface ArmedFault {
  readonly fault: Fault;
  readonly onHit: () => void;
  left: number;
  hits: number;
}

/** A fault that was added: how often it has hit, and how to take it back. */
export interface AddedFault {
  readonly hits: number;
  remove(): void;
}

/** Faults to come: the first one armed for a method befalls its next call. */
export class Faults {
  #armed: ArmedFault[] = [];

  /** `onHit` is told as soon as a call runs into it, before the fault does anything. */
  add(fault: Fault, onHit: () => void = () => undefined): AddedFault {
    const armed = { fault, onHit, left: fault.times ?? Number.POSITIVE_INFINITY, hits: 0 };
    this.#armed.push(armed);
    return {
      get hits() {
        return armed.hits;
      },
      remove: () => {
        this.#armed = this.#armed.filter((other) => other !== armed);
      },
    };
  }

  clear(): void {
    this.#armed = [];
  }

  /** Takes the fault which befalls this call, if any. */
  take(method: string): Fault | undefined {
    const armed = this.#armed.find(({ fault }) => fault.method === method || fault.method === '*');
    if (armed === undefined) return undefined;
    armed.left -= 1;
    armed.hits += 1;
    armed.onHit();
    if (armed.left <= 0) this.#armed = this.#armed.filter((other) => other !== armed);
    return armed.fault;
  }
}

/** What a fault does before the call is applied. */
export async function strikeBefore(fault: Fault | undefined, control: CallControl): Promise<void> {
  switch (fault?.kind) {
    case 'error':
      throw errorOf(fault);
    case 'stall-before':
      return stall(control.signal);
    case 'reset':
      control.resetConnection();
      return stall(control.signal);
    case 'latency':
      return pause(fault.ms ?? 0, control.signal);
    case 'error-after':
    case 'stall-after':
    case 'reset-after':
    case undefined:
      return;
  }
}

/** What a fault does once the call has been applied and before it is answered. */
export async function strikeAfter(fault: Fault | undefined, control: CallControl): Promise<void> {
  switch (fault?.kind) {
    case 'error-after':
      throw errorOf(fault);
    case 'stall-after':
      return stall(control.signal);
    case 'reset-after':
      control.resetConnection();
      return stall(control.signal);
    case 'error':
    case 'stall-before':
    case 'reset':
    case 'latency':
    case undefined:
      return;
  }
}

function errorOf({ code = status.UNAVAILABLE, message = 'injected fault' }: Fault): StatusError {
  return new StatusError(code, message);
}

/** Waits for ever, that is until the client gives up or the server stops. */
function stall(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancelled = () => reject(new StatusError(status.CANCELLED, 'call cancelled'));
  if (signal.aborted) cancelled();
  else signal.addEventListener('abort', cancelled, { once: true });
  return promise;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const elapsed = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => elapsed.resolve(undefined), ms);
  return Promise.race([elapsed.promise, stall(signal)]).finally(() => clearTimeout(timer));
}
