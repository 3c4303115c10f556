import { fileURLToPath } from 'node:url';
import { ServiceProcess } from '../../service/process.ts';
import { cpuSecondsOf, memoryOf, rounded, type Memory } from './measure.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** `notifying`: the reference worker with a notify service, which pages before it looks who is on call. */
export type Program = 'src' | 'dist' | 'reference' | 'notifying';

/** What is measured. */
export interface Contest {
  readonly program: Program;
  /** A CPU profile of the process is left there at its end. */
  readonly profileFolder?: string;
}

const ARGUMENTS: Readonly<Record<Program, (configFile: string) => readonly string[]>> = {
  src: (configFile) => [pathOf('../../../src/main.ts'), 'run', '--config', configFile],
  dist: (configFile) => [pathOf('../../../dist/main.js'), 'run', '--config', configFile],
  reference: (configFile) => [pathOf('./reference-worker.ts'), configFile],
  notifying: (configFile) => [pathOf('./reference-worker.ts'), configFile, 'notify'],
};

/** As the service is shipped: `Dockerfile` and `config/systemd` set the same. */
export const SHIPPED_ENVIRONMENT = {
  NODE_OPTIONS: '--max-semi-space-size=8 --v8-pool-size=1',
  MALLOC_ARENA_MAX: '1',
};

/** Processor time, so that a figure can be judged where the machine does other work too. */
export interface CpuUse {
  /** Of the measured process since its start. */
  readonly contender_s: number;
  /** Of both simulators and the measuring itself, over the same time. */
  readonly bench_s: number;
}

/** The service, or the reference worker, as a process of its own. */
export class Contender implements AsyncDisposable {
  readonly #process: ServiceProcess;
  readonly #cpuBefore = process.cpuUsage();
  readonly #spawnedAt = performance.now();

  constructor({ program, profileFolder }: Contest, configFile: string) {
    const profiling = profileFolder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder];
    this.#process = new ServiceProcess(configFile, {
      program: [...profiling, ...ARGUMENTS[program](configFile)],
      env: SHIPPED_ENVIRONMENT,
      keeps: 20,
    });
  }

  /** Resolves once it watches, with the milliseconds from its start; rejects when it ended before. */
  async watching(): Promise<number> {
    await this.#process.watching();
    return performance.now() - this.#spawnedAt;
  }

  memory(): Memory {
    return memoryOf(this.#process.child.pid ?? 0);
  }

  cpu(): CpuUse {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    return {
      contender_s: cpuSecondsOf(this.#process.child.pid ?? 0),
      bench_s: rounded((user + system) / 1e6, 2),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end('SIGTERM');
  }
}
