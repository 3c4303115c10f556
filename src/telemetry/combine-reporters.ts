import type { Reporter } from '../ports/reporter.ts';

/** Tells each event to all who care for it, in order; an event that is added to the port later needs nothing here. */
export function combineReporters(reporters: readonly Partial<Reporter>[]): Reporter {
  return new Proxy({} as Reporter, {
    get: (_target, name) => (event: never) => {
      for (const reporter of reporters) reporter[name as keyof Reporter]?.(event);
    },
  });
}
