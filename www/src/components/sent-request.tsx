/** The request as it goes out, with all of the key hidden but its ends, and a typo marked where it was made. */
import { credentialOf, HOST, mistype, typoAt, type Ask } from "../model/request";
import type { Wallet } from "../model/wallet";

export function SentRequest({ ask, wallet }: { ask: Ask; wallet: Wallet }) {
  const key = credentialOf(ask, wallet);
  return (
    <pre class="wire" tabIndex={0} aria-label="The request as it is sent">
      <span class="wire-method">{ask.method}</span> {ask.path} HTTP/1.1{"\n"}
      <span class="dim">Host:</span> {HOST.replace("https://", "")}
      {key !== undefined && (
        <>
          {"\n"}
          <span class="dim">Authorization:</span> Basic <span class="dim">base64(</span>
          {ask.username}:<Masked secret={key} typo={ask.typo} />
          <span class="dim">)</span>
        </>
      )}
    </pre>
  );
}

/** Dots for most of the key: what is on screen here is no more than a hint shows. */
function Masked({ secret, typo }: { secret: string; typo: boolean }) {
  if (secret.length < 24) return <>{"•".repeat(secret.length)}</>;
  const at = typoAt(secret);
  const start = secret.slice(0, 5);
  const end = secret.slice(-3);
  if (!typo) return <>{`${start}••••••${end}`}</>;
  return (
    <>
      {`${start}•••`}
      <mark class="wire-typo" title="the mistyped character">
        {mistype(secret).charAt(at)}
      </mark>
      {`••${end}`}
    </>
  );
}
