/** What each place of the configuration is for, as editors show it. Durations are written 90s, 10m, 1h30m. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  teleport: 'The cluster whose access requests are answered.',
  'teleport.addr': 'host:port of a proxy with TLS routing, or of an auth server.',
  'teleport.via': 'direct (auth server), proxy, or auto: found out by asking the address.',
  'teleport.cluster': 'Name of the cluster; found out unless told.',
  'teleport.proxy_ca':
    "PEM file of the authority of the proxy's web certificate, where that is a private one.",
  'teleport.identity': 'Identity file made by tbot or tctl; read again when it is renewed.',
  'teleport.client_crt': 'Instead of identity: the client certificate, with client_key and root_cas.',
  'teleport.client_key': 'Instead of identity: the private key, with client_crt and root_cas.',
  'teleport.root_cas': 'Instead of identity: the authorities of the cluster, with client_crt and client_key.',
  'teleport.resolve_with': 'review (Enterprise), state (Community), or auto: what the cluster says it has.',
  pagerduty: 'The account that says who is on call.',
  'pagerduty.api_key_file': 'File that holds the key which reads; read-only is enough beside write_key_file.',
  'pagerduty.api_key': 'Environment variable that holds the key, as ${NAME}; instead of api_key_file.',
  'pagerduty.write_key_file': 'File that holds the key which opens incidents and writes notes.',
  'pagerduty.write_key': 'Environment variable that holds that key, as ${NAME}.',
  'pagerduty.from': 'E-mail address of the PagerDuty user in whose name incidents and notes are written.',
  'pagerduty.region': 'Service region of the account.',
  'pagerduty.api_url': 'Address of the REST API, for anything but the two regions.',
  'pagerduty.oauth': 'Instead of keys: an app of the account with scoped OAuth.',
  'pagerduty.oauth.client_id': 'Client id of the app.',
  'pagerduty.oauth.client_secret_file': 'File that holds the client secret.',
  'pagerduty.oauth.client_secret': 'Environment variable that holds the client secret, as ${NAME}.',
  'pagerduty.oauth.subdomain': "First part of the account's web address, for instance acme.",
  'pagerduty.oauth.token_url': 'Where tokens are fetched.',
  'pagerduty.freshness':
    'How old an answer about who is on call may be, at most; with 0s each decision reads.',
  roster: 'Who is on call, held ahead of need.',
  'roster.budget': 'Share of what PagerDuty allows the key in a minute that may be read ahead of need.',
  identities: 'Who a Teleport user is in PagerDuty: the first source that answers wins.',
  'identities.map': 'Teleport user: PagerDuty user id.',
  'identities.map_file': 'The same in a file of its own, read again when it changes.',
  'identities.trait': "The user's trait of this name, compared with PagerDuty's e-mail addresses.",
  'identities.username_is_email': 'The Teleport user name, where it is an e-mail address.',
  require_sso:
    'By an address, recognise users of single sign-on only: a local user could be named like anybody. Holds not for a map.',
  addresses:
    'managed: your identity provider keeps the e-mail addresses in PagerDuty, nobody changes their own.',
  rules:
    'A request is approved if every requested role is covered by a rule and every covering rule approves.',
  'rules.name': 'Stands in reviews, pages and the ledger.',
  'rules.roles': 'Requested roles that the rule covers: names, or patterns with *.',
  'rules.when': 'Covers only requests that are so; everything unless told.',
  'rules.when.requester_roles': 'Teleport roles, or patterns, of which the requester has at least one.',
  'rules.when.requester_traits': 'Traits of which the requester has each, with one of the values.',
  'rules.when.resources':
    'Covers only such resources, and no request for no resource. Without it, all resources of the root cluster.',
  'rules.when.resources.clusters': 'Teleport clusters, or patterns; the root cluster alone unless told.',
  'rules.when.resources.kinds': 'Kinds, or patterns: node, db, app, kube_cluster, pod, namespace.',
  'rules.when.resources.names': 'Names, or patterns: host names of nodes, names of Kubernetes clusters.',
  'rules.when.resources.sub_resources':
    'What is in a Kubernetes cluster, or patterns: NAMESPACE/NAME, for kind namespace NAMESPACE. Not covered unless told.',
  'rules.when.resources.logins':
    'The request is narrowed to these logins, or patterns; any login unless told.',
  'rules.when.resources.role_arns':
    'The request is narrowed to these AWS roles, or patterns; any role unless told.',
  'rules.when.hours': 'Only then, by the clocks on the wall of a time zone.',
  'rules.when.hours.time_zone': 'IANA name, for instance Europe/Berlin.',
  'rules.when.hours.spans': 'Any one of these.',
  'rules.when.hours.spans.days': 'Days on which the span begins; every day unless told.',
  'rules.when.hours.spans.from': 'Time of day, like "09:00".',
  'rules.when.hours.spans.until': 'Not part of the span; at or before from, it is of the next day.',
  'rules.local_users':
    'Local users of Teleport whom this rule believes to be who their address says, although require_sso is on.',
  'rules.responders': 'Whom the on-call engineer added as responder to an open incident counts like them.',
  'rules.require': 'What must be so as well.',
  'rules.require.reason': 'The requester gives a reason.',
  'rules.require.open_incident': "An incident is open on one of the rule's services.",
  'rules.require.open_incident.urgency': 'Of this urgency.',
  'rules.require.open_incident.requester': 'With the requester involved in this way.',
  'rules.require.open_incident.min_age':
    'Open for so long. Unless told 5m where a person opened it, and no time where monitoring did; never by the requester.',
  'rules.require.max_duration': 'The access lasts no longer, counted from the approval.',
  'rules.otherwise': 'If a condition is not met: page a person, deny, or do nothing. Unknowns never deny.',
  'rules.on_call.owner':
    'Whoever is on call for the service that owns what is asked for; each thing has its own.',
  'rules.on_call.owner.label': 'Teleport label that names its PagerDuty service, or several with commas.',
  'rules.on_call.owner.team_label':
    'Teleport label that names a PagerDuty team, or several with commas, for what has no `label`.',
  'rules.on_call.owner.field':
    'Custom field of PagerDuty services that says by Teleport labels what is theirs, such as team=payments,env=prod; for what has no such labels.',
  'rules.on_call.owner.field_of': 'Whose field is read: ordinary users of PagerDuty edit fields.',
  'rules.on_call.owner.field_of.services': 'Services, by name or id.',
  'rules.on_call.owner.field_of.teams': 'Teams, all services of which are meant.',
  'rules.on_call.owner.map': 'For what has neither label nor field: which services own what.',
  'rules.on_call.owner.map_file': 'The same in a file of its own, read again when it changes.',
  'rules.on_call.owner.of_role': 'Owners of roles that are asked for without resources.',
  'rules.on_call.owner.unowned': 'Service that is paged for what has no owner that is known.',
  'rules.on_call.owner.settled':
    'How long an owner must have been seen with its escalation policy before who is on call there counts; 24h unless told. A service that the configuration names counts at once with the policy that it was first seen with.',
  'rules.on_call.owner.map.clusters': 'Teleport clusters, or patterns; the root cluster alone unless told.',
  'rules.on_call.owner.map.kinds': 'Kinds, or patterns: node, db, app, kube_cluster, pod, namespace.',
  'rules.on_call.owner.map.names': 'Names, or patterns: host names of nodes, names of Kubernetes clusters.',
  'rules.on_call.owner.map.sub_resources':
    'Namespaces and what is in them, or patterns: payments, payments/*.',
  'rules.on_call.owner.map.services': 'Services of PagerDuty that own these, any of which will do.',
  'rules.when.resources.labels': 'Labels that a resource must have, each with its values, or patterns.',
  'rules.escalate.owner_field':
    'Custom field in which the owning service may name another one that is paged in its place; who may answer stays the same.',
  'rules.escalate.owner': 'Pages the owning service, instead of service: one page for each owner.',
  'rules.approvers.owner':
    'Says that whoever is on call for the owning service may answer, as they may unless told.',
  'rules.escalate': 'Where and how a person is paged.',
  'rules.escalate.service':
    'PagerDuty service, by id or exact name; of a list each is paged where those before it reach nobody.',
  'rules.escalate.from_annotation': 'Annotation whose values name services to page before those of service.',
  'rules.escalate.urgency':
    'Urgency of the page; as_service leaves it to the rule of the service in PagerDuty.',
  'rules.escalate.decide_within': 'For so long missing facts are asked for again before a person is paged.',
  'rules.escalate.remind_after':
    'A page without an answer gets a reminder so often, and others are asked after two of them; 0s for never.',
  'rules.escalate.move_up_after': "A page without an answer goes to the policy's next level after so long.",
  'rules.escalate.if_resolved':
    'A page that is resolved without an answer, or with too few: page again, up to three times, or leave it.',
  'rules.escalate.most_open_pages':
    'So many pages of one requester are open at a time; further requests share one, each with a code of its own.',
  'rules.notify':
    'In place of on_call and escalate: people are paged for every request, and nobody is approved by the rule.',
  'rules.notify.service': 'As in escalate.',
  'rules.notify.from_annotation':
    'Annotation whose values name services to page; without service the rule covers only requests that have it.',
  'rules.notify.urgency': 'As in escalate.',
  'rules.notify.remind_after': 'As in escalate.',
  'rules.approvers': 'Who may answer a page, and how.',
  'rules.approvers.on_call':
    'On call for these; unless told, whom the rule itself would let in, by its on_call.',
  'rules.access_ends':
    'with_shift: the access is cut by a lock when the shift and its grace are over. with_incident: when the incidents are. after: when that time is up.',
  'rules.access_ends.with_shift': 'Cut when the shift and its grace are over.',
  'rules.access_ends.with_incident':
    'Cut so long after all incidents that justified it are resolved; needs require.open_incident.',
  'rules.access_ends.after':
    'Cut so long after the review at the latest, whatever else is true: longer requests are approved all the same.',
  'rules.access_ends.whichever':
    'Of shift and incident the first that is over, or the last. `after` is never exceeded.',
  'rules.approvers.answer_by':
    'A note that names the request, or acknowledging the incident; teleport: only in Teleport, the page calls.',
  claims:
    'What holds whatever is asked by whomever; the service does not start with rules for which it is not proven.',
  'claims.unreachable': 'This rule approves nobody.',
  'claims.always': 'What happens always.',
  'claims.always.person_asked':
    'That a request for these roles, or patterns, and no others goes to a person by a page.',
  'claims.always.when': 'For requesters like this, or while PagerDuty is silent; always unless told.',
  'claims.always.when.pagerduty': 'unknown: PagerDuty tells neither who is on call nor what is open.',
  'claims.always.when.requester_roles':
    'Of whom Teleport says that they have one of these roles, or patterns.',
  'claims.always.when.requester_traits': 'Of whom Teleport says that they have each of these traits.',
  'claims.always.unless': 'break_glass: it may be broken nevertheless.',
  'claims.same_as': 'The rules of this file approve the same, but for what is listed.',
  'claims.same_as.file': 'A configuration, or its rules alone.',
  'claims.same_as.gains': 'Roles, or patterns, of which more may be approved.',
  'claims.same_as.losses': 'Roles, or patterns, of which less may be approved.',
  'claims.never': 'What never happens.',
  'claims.never.approve': 'That a request for one of these roles, or patterns, is approved.',
  'claims.never.when': 'For requesters like this; for everybody unless told.',
  'claims.never.when.requester_roles':
    'Of whom Teleport says that they have one of these roles, or patterns.',
  'claims.never.when.requester_traits': 'Of whom Teleport says that they have each of these traits.',
  'claims.never.when.resources': 'For requests for one of these, whatever else with it.',
  'claims.never.when.resources.leaf_clusters': 'Any cluster but the root, whatever that is called.',
  'claims.never.when.resources.clusters':
    'Teleport clusters, or patterns; the root cluster alone unless told.',
  'claims.never.when.resources.kinds': 'Kinds, or patterns.',
  'claims.never.when.resources.names': 'Names, or patterns.',
  'claims.never.when.resources.sub_resources': 'NAMESPACE/NAME or NAME within Kubernetes, or patterns.',
  'claims.never.when.resources.logins': 'Logins to which the access is narrowed, or patterns.',
  'claims.never.when.resources.role_arns': 'Roles of AWS to which the access is narrowed, or patterns.',
  'claims.never.when.resources.labels': 'Labels that each has, with one of the values, or patterns.',
  'claims.always.when.resources': 'For requests for nothing but these.',
  'claims.always.when.resources.leaf_clusters': 'Any cluster but the root, whatever that is called.',
  'claims.always.when.resources.clusters':
    'Teleport clusters, or patterns; the root cluster alone unless told.',
  'claims.always.when.resources.kinds': 'Kinds, or patterns.',
  'claims.always.when.resources.names': 'Names, or patterns.',
  'claims.always.when.resources.sub_resources': 'NAMESPACE/NAME or NAME within Kubernetes, or patterns.',
  'claims.always.when.resources.logins': 'Logins to which the access is narrowed, or patterns.',
  'claims.always.when.resources.role_arns': 'Roles of AWS to which the access is narrowed, or patterns.',
  'claims.always.when.resources.labels': 'Labels that each has, with one of the values, or patterns.',
  'claims.never.unless':
    'Unless one of these is so: break_glass, open_incident, reason, or one with its values.',
  'claims.never.unless.max_duration': 'The access lasts no longer.',
  'claims.never.unless.requester_roles': 'The requester has one of these roles, or patterns.',
  'claims.never.unless.requester_traits': 'The requester has each of these traits, with one of the values.',
  ...onCall(
    'claims.never.unless.on_call',
    'The requester is on call for one of these, at any level unless told.',
  ),
  'claims.never.unless.on_call.teams': 'Teams, as a rule names them.',
  'claims.never.unless.on_call.teams_settled':
    'How long a rule must have policies seen in the team at least; any time unless told.',
  'claims.never.unless.on_call.owner':
    'Also for a service that owns what is asked for, by a rule that goes by owners.',
  ...onCall(
    'claims.never.unless.asked_to_help',
    'Somebody who is on call for one of these asked for their help.',
  ),
  'claims.never.unless.asked_to_help.teams': 'Teams, as a rule names them.',
  'claims.never.unless.asked_to_help.teams_settled':
    'How long a rule must have policies seen in the team at least; any time unless told.',
  'claims.never.unless.asked_to_help.owner':
    'Also for a service that owns what is asked for, by a rule that goes by owners.',
  'rules.warn_before': 'So long before that the requester is told by a note on the incident.',
  'rules.mode': 'shadow: decide and record, touch nothing.',
  'rules.break_glass':
    'For when PagerDuty cannot answer or nobody is on call: approves for a reason, and pages.',
  ...onCall('rules.on_call', 'Whose on-call counts: being on call for any one of these is enough.'),
  ...onCall(
    'rules.approvers.on_call',
    'On call for these; unless told, whom the rule itself would let in, by its on_call.',
  ),
  ledger: 'Where every decision and what came of it is kept.',
  'ledger.sqlite': 'A file, for one instance.',
  'ledger.key_file':
    'File with the key by which the service knows its own entries; made by `oncall-approver ledger key init`.',
  'ledger.keep': 'How long entries are kept, at least 30d; for ever unless told.',
  'ledger.postgres': 'A database, for several replicas.',
  'ledger.postgres.url_file': 'File that holds postgres://user:password@host/database.',
  'ledger.postgres.url': 'Environment variable that holds it, as ${NAME}.',
  http: 'Health, metrics and pages; nothing listens without it.',
  'http.listen': 'host:port of the listener.',
  'http.pages': 'The decisions as web pages; not shown without it.',
  'http.pages.token_file': 'File that holds the token by which they are seen.',
  'http.pages.trusted_user_header': 'Header in which a proxy says who looks at them, once, without a comma.',
  'http.pages.trusted_proxies':
    'Addresses whose header is believed, and from which there may be any number of connections.',
  'http.pagerduty_webhook':
    'PagerDuty tells of answers at once, at /webhooks/pagerduty; they are only polled for without it.',
  'http.pagerduty_webhook.secret_files':
    'Files that hold the secret of the webhook subscription: two while one takes the place of the other.',
  'http.pagerduty_webhook.public_url':
    'Address that PagerDuty posts to, as in the subscription; by it `check` finds the subscription.',
  usage: "What given access is used for, by Teleport's audit log; without this section it is not read.",
  'usage.searches':
    'What a search of the audit log costs: cheap, dear (Athena, Teleport Cloud), or auto: found out.',
  'usage.settles':
    'How late events may come: so far behind the audit log is read. 5m, or 15m where searches are dear, unless told.',
  'usage.review':
    'What access shows is told to those who review it: never used, used elsewhere, or past its end; broken glass.',
  'usage.review.service':
    'PagerDuty service, by name or id, on which an incident of low urgency is opened for each finding.',
  'usage.note': 'The incident that the person was working on is told what their access was used for.',
  telemetry:
    'Traces and metrics for a collector of OpenTelemetry, beside what Prometheus reads; nothing is sent without it.',
  'telemetry.otlp':
    'By OTLP over HTTP; headers, certificates and time-outs as in OTEL_EXPORTER_OTLP_HEADERS and so on.',
  'telemetry.otlp.endpoint': 'Address of the collector; OTEL_EXPORTER_OTLP_ENDPOINT counts unless told.',
  log: 'JSON, or lines for people on a terminal.',
  'log.level': 'From which weight on events are logged.',
  'log.output': 'stderr, stdout, or a file.',
  time_zone:
    'IANA name of the time zone in which pages and notes in PagerDuty have their times; unless told, that of the machine.',
  reload:
    'When rules, identities and keys are read again: signal (SIGHUP), or watch, also within 10 s of the file being changed.',
};

function onCall(place: string, whole: string): Record<string, string> {
  return {
    [place]: whole,
    [`${place}.services`]:
      'PagerDuty services, by ids or exact names: on call by the policy that they use now.',
    [`${place}.escalation_policies`]: 'Escalation policies, by ids or exact names.',
    [`${place}.schedules`]: 'Schedules of either kind, by ids or exact names.',
    [`${place}.teams`]:
      'PagerDuty teams, by ids or exact names: on call by any of their escalation policies that was seen in the team for long enough.',
    [`${place}.teams_settled`]:
      'How long a policy must have been seen in the team before who is on call by it counts; 24h unless told. Those that were there when the service looked for the first time count at once.',
    [`${place}.from_annotation`]: 'Annotation of the request that lists further services.',
    [`${place}.max_level`]: 'Highest escalation level that counts; level 1 is notified first.',
    [`${place}.permanent`]: 'Whether somebody named in a policy without a schedule counts.',
    [`${place}.min_shift_age`]:
      'How long somebody must have been on call: who has just put themselves there is not waved through.',
    [`${place}.grace_after_shift`]: 'For how long after their shift a person still counts.',
  };
}
