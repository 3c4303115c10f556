import { docker } from './stand-ins/docker.ts';
import { helm, kubectl } from './stand-ins/kubernetes.ts';
import { git, sudo, systemctl } from './stand-ins/machine.ts';
import { tctl, tsh } from './stand-ins/teleport.ts';
import { Ended, stageOfWalk, type Stage } from './stage.ts';

type StandIn = (args: readonly string[], stage: Stage) => void | Promise<void>;

/** What takes the place of a program that needs an account, a cluster or a machine of its own: `stand-in.ts PROGRAM ARGUMENTS`. */
export const STAND_INS: Readonly<Record<string, StandIn>> = {
  docker,
  git,
  helm,
  kubectl,
  sudo,
  systemctl,
  tctl,
  tsh,
};

const [, script, program = '', ...args] = process.argv;
if (script === import.meta.filename) {
  try {
    await STAND_INS[program]?.(args, stageOfWalk());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Ended ? error.code : 1;
  }
}
