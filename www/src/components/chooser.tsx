/** The systems to choose from: links, so that each has an address of its own and is reached by the keyboard. */
import { keyLooks, profileOf, SYSTEMS, type Profile, type SystemId } from "../engine";
import { addressOf } from "../model/address";
import { ruleWord } from "../model/reach";
import { days, lifetime, transportWords } from "../model/words";

interface Props {
  readonly chosen: SystemId;
  readonly onChoose: (id: SystemId) => void;
}

export function Chooser({ chosen, onChoose }: Props) {
  const profile = profileOf(chosen);
  return (
    <section class="chooser" aria-labelledby="chooser-title">
      <h2 id="chooser-title" class="sr">
        API-key systems
      </h2>
      <nav aria-labelledby="chooser-title">
        <ul class="systems">
          {SYSTEMS.map(profileOf).map((each) => (
            <li key={each.id}>
              <a
                class="system"
                href={addressOf(each.id)}
                aria-current={each.id === chosen ? "page" : undefined}
                onClick={(event) => {
                  // A click that opens a tab or a window is the browser's.
                  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
                  event.preventDefault();
                  onChoose(each.id);
                }}
              >
                <strong>{each.title}</strong>
                <code>{keyLooks(each)}</code>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="chooser-about" role="status">
        {profile.description}
      </p>
      <dl class="traits">
        {traits(profile).map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What sets the system apart, read off its profile. */
function traits(profile: Profile): [string, string][] {
  const { levels, constraints, lifecycle, transports, routes } = profile;
  const closed = routes.filter((route) => route.closed !== undefined).length;
  const longest = Math.max(...lifecycle.expiresInDays);
  const ends = [
    ...(lifecycle.expiresInDays.length > 0 ? [`after ${lifetime(profile, longest)} at most`] : []),
    ...(lifecycle.idleDisableDays === undefined
      ? []
      : [`switched off when unused for ${days(lifecycle.idleDisableDays)}`]),
    ...(lifecycle.reversible ? [] : ["deactivated for good"]),
  ];
  return [
    ["Sent as", transports.map(transportWords).join(", or ")],
    ["Levels", levels.map(({ title }) => title).join(", ")],
    ["Limits", constraints.length === 0 ? "none" : constraints.map(({ title }) => title).join(", ")],
    ["Calls", `${routes.length} ${ruleWord(profile)}${closed === 0 ? "" : `, ${closed} closed to every key`}`],
    ["Ends", ends.length === 0 ? "when its owner says so" : ends.join(", ")],
  ];
}
