import { factOf } from '../facts.ts';
import type { Reference } from '../on-call.ts';
import { desksOf, type Mode, type Rule } from '../rule.ts';
import { listed, sanitise } from '../values/words.ts';
import { foreseenWords } from '../wording/forecast.ts';
import type { Foreseen, ForeseenCode } from './foreseen.ts';
import { factsFor, onCallAhead, pageAhead, type OnCallAhead, type Rota } from './on-call-ahead.ts';
import { standingOf, type People, type Standing } from './accounts.ts';
import { joined, openStretches, within, without, type Stretch } from './stretch.ts';

/** Everything that a forecast goes by, read at one time. */
export interface Ahead {
  readonly rota: Rota;
  readonly people: Omit<People, 'window'>;
  /** By PagerDuty's id of the service: when it takes no pages, because somebody said so. */
  readonly maintenance: ReadonlyMap<string, readonly Stretch[]>;
}

/** What is to come under one rule. */
export interface RuleAhead {
  readonly rule: string;
  readonly mode: Mode;
  /** Who is on call, and when, whatever would become of a request of theirs. */
  readonly present: readonly { readonly user: Reference; readonly stretches: readonly Stretch[] }[];
  /** Who could be approved, and when; those of whom it is not known who they are in Teleport among them. */
  readonly approvable: readonly { readonly user: Reference; readonly stretches: readonly Stretch[] }[];
  readonly foreseen: readonly Foreseen[];
}

/**
 * For each rule, who could be approved when within the window, and what will go wrong. It goes by what is known at the time of
 * reading: whoever asks gives what the rule requires beside being on call; nobody's roles, locks and shifts change.
 */
export function forecast(ahead: Ahead): readonly RuleAhead[] {
  return ahead.people.policy.rules.map((rule) => forecastRule(rule, ahead));
}

interface Candidate extends OnCallAhead {
  readonly standing: Standing;
}

function forecastRule(rule: Rule, ahead: Ahead): RuleAhead {
  const { rota } = ahead;
  const people = { ...ahead.people, window: rota.window };
  const open = openStretches(rule.when.hours, rota.window);
  const candidates = onCallAhead(rule, rota).map((each): Candidate => ({
    user: each.user,
    counted: within(each.counted, open),
    present: within(each.present, open),
    standing: standingOf(each.user, rule, people),
  }));
  const approvable = candidates.map(({ user, counted, standing }) => ({
    user,
    stretches: without(counted, standing.refused),
  }));
  const tell = teller(rule);
  return {
    rule: rule.name,
    mode: rule.mode,
    present: candidates.map(({ user, present }) => ({ user, stretches: present })),
    approvable: approvable.filter(({ stretches }) => stretches.length > 0),
    foreseen: [
      ...(rule.breakGlass || rule.notifies === true ? [] : gaps(rule, { candidates, open, rota })),
      ...candidates.flatMap((each) => refusals(each, tell)),
      ...deafPages(rule, { ahead, open, people }),
    ].filter(({ stretches }) => stretches.length > 0),
  };
}

type Tell = (
  code: ForeseenCode,
  stretches: readonly Stretch[],
  more?: { readonly people?: readonly Reference[]; readonly about?: string },
) => Foreseen;

function teller(rule: Rule): Tell {
  return (code, stretches, { people = [], about = '' } = {}) => ({
    code,
    rule: rule.name,
    people,
    stretches,
    ...foreseenWords(code, { rule, people, about, stretches }),
  });
}

interface OfRule {
  readonly candidates: readonly Candidate[];
  readonly open: readonly Stretch[];
  readonly rota: Rota;
}

function gaps(rule: Rule, { candidates, open, rota }: OfRule): readonly Foreseen[] {
  const tell = teller(rule);
  const unread = whyNotForetold(rule, rota);
  if (unread !== null) return [tell('not-known', open, { about: unread })];
  const present = candidates.flatMap((each) => each.present);
  const accepted = candidates.flatMap((each) => without(each.present, each.standing.refused));
  const approvable = candidates.flatMap((each) => without(each.counted, each.standing.refused));
  const refused = candidates.filter(({ standing }) => standing.refused.length > 0).map(({ user }) => user);
  return [
    tell('nobody-on-call', without(open, present)),
    tell('all-refused', without(joined(present), accepted), { people: refused }),
    tell('too-young', without(joined(accepted), approvable)),
  ];
}

/** Where a target is not known, somebody may be on call for it. */
function whyNotForetold(rule: Rule, rota: Rota): string | null {
  const unknown = factsFor(rule, rota).flatMap((fact) =>
    fact.state === 'unknown' ? [fact.cause.message] : [],
  );
  if (unknown.length > 0) return listed(unknown);
  const { fromAnnotation, owner, unread } = rule.onCall;
  if (unread !== undefined) return unread.message;
  if (owner !== undefined) return 'whose it is each request tells';
  return fromAnnotation === null ? null : `annotation \`${fromAnnotation}\` of each request adds services`;
}

function refusals({ user, present, counted, standing }: Candidate, tell: Tell): readonly Foreseen[] {
  const people = [user];
  const { objections, refused, accounts, doubt } = standing;
  const told = refused.length === 0 ? [] : objections;
  const names = listed(accounts.map(({ name }) => sanitise(name, 100)));
  return [
    ...told.map(({ code, about, stretches }) => tell(code, within(present, stretches), { people, about })),
    ...(accounts.length > 1 ? [tell('several-accounts', present, { people, about: names })] : []),
    ...(doubt === null ? [] : [tell('not-known', present, { people, about: doubt })]),
    tell('young-shift', without(without(present, counted), refused), { people }),
  ];
}

interface Paging {
  readonly ahead: Ahead;
  readonly open: readonly Stretch[];
  readonly people: People;
}

type Deaf = Parameters<Tell>;

/** When the page to each of its services brings nothing: by what is the matter with the first one. */
function deafPages(rule: Rule, paging: Paging): readonly Foreseen[] {
  const desks = rule.escalate === null ? [] : desksOf(rule.escalate, { annotations: {} });
  const [first = [], ...others] = desks.map((asked) => deafAt(asked, rule, paging));
  const tell = teller(rule);
  return first.map(([code, stretches, more]) => {
    const all = others.reduce(
      (left, other) => within(left, joined(other.flatMap(([, deaf]) => deaf))),
      stretches,
    );
    return tell(code, all, more);
  });
}

function deafAt(asked: string, rule: Rule, { ahead, open, people }: Paging): readonly Deaf[] {
  const { rota, maintenance } = ahead;
  const service = factOf({ kind: 'service', asked }, rota.targets);
  if (service.state === 'unknown') return [['not-known', open, { about: service.cause.message }]];
  if (service.disabled) return [['service-disabled', open]];
  const closed = within(open, maintenance.get(service.id) ?? []);
  const page = pageAhead(rule, service, { usable: without(open, closed), rota });
  const alone = page.alone.filter(({ user }) => standingOf(user, rule, people).mayAsk);
  return [
    ['in-maintenance', closed],
    ['page-reaches-nobody', page.nobody],
    ...alone.map(({ user, stretches }): Deaf => ['page-reaches-requester', stretches, { people: [user] }]),
    ['nobody-may-answer', page.unanswered],
  ];
}
