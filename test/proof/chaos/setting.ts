import { Dice } from './random.ts';

/** What the service is set up for in a run: each seed has its own, since no installation has everything. */
export interface Setting {
  /** Community knows no reviews: there the state is set. */
  readonly edition: 'enterprise' | 'community';
  /** Answers are told at once, if PagerDuty's webhooks arrive. */
  readonly webhooks: boolean;
  /** Access ends with the shift, by a lock. */
  readonly withShift: boolean;
  /** Acknowledging the page is an answer too. */
  readonly acknowledging: boolean;
  /** The service may vote in the approver's own name. */
  readonly ownNames: boolean;
  /** Silence is answered: reminders, and the page moves up. */
  readonly impatient: boolean;
  /** A page that was resolved without a word is opened again. */
  readonly repage: boolean;
  /** PagerDuty is read with one key and written to with another, as the documentation advises. */
  readonly twoKeys: boolean;
  /** For a role of its own somebody is let in without being on call, while PagerDuty cannot be asked. */
  readonly breakGlass: boolean;
  /** What access is used for is followed. */
  readonly usage: boolean;
}

/** Seeds whose settings have everything between them: those of the full-length runs. */
export const DOCUMENTED_SEEDS = [7, 2, 16, 23] as const;

export function settingOf(seed: number): Setting {
  // A stream of its own: what is set up must not change what befalls it.
  const dice = new Dice(seed ^ 0x5e_77_1e_d0);
  const edition = dice.chance(0.7) ? 'enterprise' : 'community';
  return {
    edition,
    webhooks: dice.chance(0.5),
    withShift: dice.chance(0.6),
    acknowledging: dice.chance(0.4),
    ownNames: dice.chance(0.5) && edition === 'enterprise',
    impatient: dice.chance(0.5),
    repage: dice.chance(0.3),
    twoKeys: dice.chance(0.8),
    breakGlass: dice.chance(0.5),
    usage: dice.chance(0.8),
  };
}

/** What is on, by name. */
export function settingInWords({ edition, ...switches }: Setting): string {
  const on = Object.entries(switches).filter(([, isOn]) => isOn);
  return [edition, ...on.map(([name]) => name)].join(', ');
}
