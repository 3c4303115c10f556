import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** In the unit of the values, to a tenth. Of nothing everything is null in JSON. */
export function spreadOf(values: readonly number[]): {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
} {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => rounded(sorted[Math.ceil(share * sorted.length) - 1] ?? NaN);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

export interface Memory {
  /** Resident now, and at most so far; megabytes of 2^20 bytes. */
  readonly rssMb: number;
  readonly peakMb: number;
}

/** A process's memory by the kernel's own count (`VmRSS`, `VmHWM`). */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) => {
    const [, kilobytes = ''] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(status) ?? [];
    return rounded(Number(kilobytes) / 1024);
  };
  return { rssMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}

/** Clock ticks a second in `/proc`: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** What a process and its threads have used of the processors so far, in seconds, to a hundredth. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name, in brackets, may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** What the figures were measured on, and what else it was doing. */
export function machine() {
  const [model] = cpus();
  return {
    cpus: cpus().length,
    model: model?.model.trim() ?? 'unknown',
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load_average: loadavg().map((each) => rounded(each)),
  };
}
