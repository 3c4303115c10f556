import type { ForeseenCode } from '../forecast/foreseen.ts';
import { lengthOf, type Stretch } from '../forecast/stretch.ts';
import type { Reference } from '../on-call.ts';
import { desksOf, targetsOf, type Rule } from '../rule.ts';
import type { Instant } from '../values/instant.ts';
import { durationWords, sanitise, listed } from '../values/words.ts';

interface About {
  readonly rule: Rule;
  readonly people: readonly Reference[];
  /** A name, an address or a cause, by the code. */
  readonly about: string;
  readonly stretches: readonly Stretch[];
}

interface Words {
  readonly text: string;
  readonly remedy: string;
}

/** More would be a list to read instead of an answer. */
const MOST_STRETCHES = 3;
const MOST_PEOPLE = 5;

/** What will go wrong, in a sentence, and what to do about it. */
export function foreseenWords(code: ForeseenCode, { rule, people, about, stretches }: About): Words {
  const when = whenWords(stretches);
  const who = peopleWords(people);
  const desks = rule.escalate === null ? [] : desksOf(rule.escalate, { annotations: {} });
  const service = `${desks.length > 1 ? 'services' : 'service'} ${listed(desks.map((desk) => sanitise(desk, 100)))}`;
  const roles = listed(
    rule.roles.map((role) => sanitise(role, 100)),
    'or',
  );
  const account = `Teleport user ${sanitise(about, 200)}`;
  switch (code) {
    case 'nobody-on-call':
      return {
        text: `nobody is on call for ${placesWords(rule)} ${when}`,
        remedy: 'fill the gap in PagerDuty, or let the rule name one more target',
      };
    case 'all-refused':
      return {
        text: `whoever is on call would be refused (${who}) ${when}`,
        remedy: 'mend what stands against them, or let the rule name one more target',
      };
    case 'too-young':
      return {
        text: `whoever is on call has not been so for ${durationWords(rule.onCall.minShiftAgeMs)} ${when}`,
        remedy: 'let shifts overlap, or give the rule a `grace_after_shift`',
      };
    case 'page-reaches-nobody':
      return {
        text: `a page to ${service} reaches nobody ${when}`,
        remedy: 'put somebody on the last level of its escalation policy who is always there',
      };
    case 'page-reaches-requester':
      return {
        text: `a page to ${service} reaches ${who} alone, who may be the one that asks, ${when}`,
        remedy: 'put one more person on its escalation policy',
      };
    case 'nobody-may-answer':
      return {
        text: `a page to ${service} reaches people, and no answer of theirs on it would count, ${when}`,
        remedy: 'let `approvers.on_call` name those who are paged, or page those who may answer',
      };
    case 'service-disabled':
      return {
        text: `${service} is disabled, and takes no page`,
        remedy: 'enable it in PagerDuty, or page on another one',
      };
    case 'in-maintenance':
      return {
        text: `${service} is in maintenance, and takes no page, ${when}`,
        remedy: 'end the maintenance in PagerDuty, or page on another service meanwhile',
      };
    case 'no-account':
      return {
        text: `${who} is on call, and Teleport has neither a user record nor a login state for ${sanitise(about, 200)}, ${when}`,
        remedy: 'have them log in to Teleport once, or name their Teleport user in `identities`, in a `map`',
      };
    case 'local-account':
      return {
        text: `${who} is on call, and ${account} is a local one, whom \`require_sso\` lets nobody recognise by an address, ${when}`,
        remedy: 'name them in `identities`, in a `map`',
      };
    case 'ambiguous-account':
      return {
        text: `${who} is on call, and the addresses of ${account} lead to other people in PagerDuty as well, ${when}`,
        remedy: 'say in `identities`, in a `map`, who it is',
      };
    case 'several-accounts':
      return {
        text: `${who} is on call, and several Teleport users have the address: ${about}, ${when}`,
        remedy: 'say in `identities`, in a `map`, who is who, or remove those that nobody uses',
      };
    case 'may-not-request':
      return {
        text: `${who} is on call, and no role of ${account} lets them ask for ${roles}, ${when}`,
        remedy: 'give them a role in Teleport with `allow.request.roles` for it',
      };
    case 'not-covered':
      return {
        text: `${who} is on call, and the rule is for others: ${account} lacks its \`requester_roles\` or \`requester_traits\`, ${when}`,
        remedy: 'give them what the rule asks for in Teleport, or ask for less in `when`',
      };
    case 'locked':
      return {
        text: `${who} is on call, and ${account} is locked, ${when}`,
        remedy: 'look at the lock with `tctl get locks`, and remove it once it is not needed',
      };
    case 'young-shift':
      return {
        text: `${who} is on call for less than ${durationWords(rule.onCall.minShiftAgeMs)}, which the rule asks for, ${when}`,
        remedy: 'ask a person meanwhile, or give the rule a shorter `min_shift_age`',
      };
    case 'not-known':
      return {
        text: `${people.length === 0 ? 'all of it' : `who ${who} is in Teleport`} cannot be foretold: ${sanitise(about, 500)}`,
        remedy: '`check` says what the service lacks; `explain` tells of a single request',
      };
  }
}

function placesWords(rule: Rule): string {
  const targets = targetsOf(rule, { annotations: {} });
  const places = targets.map(({ kind, asked }) => `${kind} ${sanitise(asked, 100)}`);
  return `${listed(places, 'or')} up to level ${rule.onCall.maxLevel}`;
}

function peopleWords(people: readonly Reference[]): string {
  const names = people.slice(0, MOST_PEOPLE).map(({ summary }) => sanitise(summary, 100));
  const more = people.length - names.length;
  return listed(more === 0 ? names : [...names, `${more} more`]);
}

/** When, for people: the first stretches, and how long all of them are together. */
function whenWords(stretches: readonly Stretch[]): string {
  const first = stretches
    .slice(0, MOST_STRETCHES)
    .map((each) => `${minuteOf(each.from)} to ${minuteOf(each.until)}`);
  const more = stretches.length - first.length;
  const all = durationWords(lengthOf(stretches));
  return `from ${listed(more === 0 ? first : [...first, `${more} more`])} (${all})`;
}

/** `2026-03-07 08:00`; all times are UTC. */
function minuteOf(at: Instant): string {
  return at.slice(0, 16).replace('T', ' ');
}
