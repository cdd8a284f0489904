/** Lets time pass: a slider over the days to come, with the moments at which a key ends marked on it. */
import type { Profile } from "../engine";
import { DAY, idleLimit, type KeyRow } from "../model/keys";
import type { Action } from "../model/state";
import { date, days as daysWord, moment } from "../model/words";
import { useProfile } from "./system";

interface Props {
  readonly days: number;
  readonly now: number;
  readonly keys: readonly KeyRow[];
  readonly dispatch: (action: Action) => void;
}

/** A moment on the scale. */
interface Event {
  readonly at: number;
  readonly what: string;
}

const JUMPS = [1, 7, 31, 90];

export function Clock({ days, now, keys, dispatch }: Props) {
  const profile = useProfile();
  const start = now - days * DAY;
  const events = eventsOf(keys, profile);
  const last = Math.max(...events.map((event) => (event.at - start) / DAY), 0);
  const span = Math.min(400, Math.max(180, Math.ceil(last / 30 + 0.5) * 30));
  const go = (to: number) => dispatch({ type: "waited", days: Math.max(0, Math.min(span, to)) });
  return (
    <section class="panel clock" aria-labelledby="clock-title">
      <div class="panel-head">
        <h2 id="clock-title">Let time pass</h2>
        <p class="clock-now">
          <time dateTime={new Date(now).toISOString()}>{moment(now)}</time>
        </p>
      </div>
      <div class="scale">
        <input
          type="range"
          class="range"
          min={0}
          max={span}
          step={1}
          value={days}
          aria-label="Days from today"
          aria-valuetext={days === 0 ? "today" : `${daysWord(days)} from today, ${date(now)}`}
          style={{ "--part": `${(days / span) * 100}%` }}
          onInput={(event) => go(Number(event.currentTarget.value))}
        />
        <div class="scale-marks" aria-hidden="true">
          {events
            .filter((event) => event.at - start <= span * DAY)
            .map((event) => (
              <span
                key={event.what + event.at}
                class={event.at <= now ? "scale-mark passed" : "scale-mark"}
                title={`${event.what}, ${date(event.at)}`}
                style={{ "--at": `${((event.at - start) / DAY / span) * 100}%` }}
              />
            ))}
        </div>
        <div class="scale-ends">
          <span>today</span>
          <span>{daysWord(span)}</span>
        </div>
      </div>
      <div class="jumps">
        {JUMPS.map((jump) => (
          <button key={jump} type="button" class="button chip" disabled={days >= span} onClick={() => go(days + jump)}>
            +{daysWord(jump)}
          </button>
        ))}
        <button type="button" class="button chip" disabled={days === 0} onClick={() => go(0)}>
          Today
        </button>
      </div>
      {events.length > 0 && (
        <ul class="events">
          {events.slice(0, 4).map((event) => (
            <li key={event.what + event.at} class={event.at <= now ? "passed" : undefined}>
              <time dateTime={new Date(event.at).toISOString()}>{date(event.at)}</time> {event.what}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What the coming time does to the keys, soonest first. Only what is sent counts as use; asking does not. */
function eventsOf(keys: readonly KeyRow[], profile: Profile): Event[] {
  const events: Event[] = [];
  for (const row of keys) {
    if (row.status !== "active") continue;
    const idle = idleLimit(row, profile);
    const expires = row.expiresAt;
    if (expires !== undefined) events.push({ at: expires, what: `${row.hint} expires` });
    for (const { expiresAt } of row.digests) {
      if (expiresAt !== undefined) events.push({ at: expiresAt, what: `the key before ${row.hint} ends` });
    }
    if (idle !== undefined && (expires === undefined || idle < expires)) {
      const { idleDisableDays } = profile.lifecycle;
      events.push({ at: idle, what: `${row.hint} is disabled, if unused for ${idleDisableDays ?? 0} days` });
    }
  }
  return events.sort((a, b) => a.at - b.at);
}
