/** What a system tells the people who make keys, next to the place where it matters. */
import type { AdvicePlace } from "../engine";
import { Icon } from "./icon";
import { Prose } from "./prose";
import { useProfile } from "./system";

export function Advice({ place }: { place: AdvicePlace }) {
  const advice = useProfile().advice(place);
  if (advice.length === 0) return null;
  return (
    <ul class="advice" aria-label="Good to know">
      {advice.map((text) => (
        <li key={text}>
          <Icon name="note" size={16} />
          <span>
            <Prose text={text} />
          </span>
        </li>
      ))}
    </ul>
  );
}
