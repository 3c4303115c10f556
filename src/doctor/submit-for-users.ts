import type { RolePermissions } from '../ports/teleport.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { roleYaml, type TeleportNeeds } from './least-privilege.ts';

const SUBJECT = 'teleport submit_for_users';

/** Reviews in the name of somebody else: in 18 from 18.11 on. */
export function knowsSubmitFor(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > 18 || (major === 18 && minor >= 11);
}

/** What an approver's answer counts as in Teleport; nothing to say where it is not asked for, or not known there. */
export function checkSubmitFor(
  user: string,
  roles: readonly RolePermissions[],
  {
    needs,
    readsUsers,
    listsUsers,
  }: { readonly needs: TeleportNeeds; readonly readsUsers: boolean; readonly listsUsers: boolean },
): readonly Finding[] {
  if (needs.submitFor.length === 0) return [];
  const enough = `this is enough, for \`tctl create -f\`:\n${roleYaml(roles[0]?.role ?? 'access-reviewer', needs)}`;
  const everybody = roles.some(({ mayNotSubmitFor }) => mayNotSubmitFor.includes('*'));
  const allowed = everybody ? [] : [...new Set(roles.flatMap(({ maySubmitFor }) => maySubmitFor))];
  if (allowed.length === 0) {
    return [
      warning(
        SUBJECT,
        `user ${user} may not submit reviews in the name of approvers: an answer is then reviewed in the service's own name, and only ` +
          `where that settles the request; where more approvals are needed, approvers have to review by hand; ${enough}`,
      ),
    ];
  }
  const remark =
    needs.useful.some(({ verbs }) => verbs.includes('list')) && !listsUsers
      ? '; whom only a trait leads to in PagerDuty is found in Teleport where it may also list user'
      : '';
  if (readsUsers && allowed.includes('*')) {
    return [
      warning(
        SUBJECT,
        `user ${user} may submit reviews in the name of every user, for whatever each of them may review: name those who answer pages instead; ${enough}`,
      ),
    ];
  }
  return [
    readsUsers
      ? ok(SUBJECT, `user ${user} may submit reviews in the name of ${allowed.join(', ')}${remark}`)
      : failed(
          SUBJECT,
          `user ${user} may submit reviews in the name of ${allowed.join(', ')}, which Teleport refuses to whoever may not read user; ${enough}`,
        ),
  ];
}
