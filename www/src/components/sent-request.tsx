/** The request as it goes out, with all of the key hidden but its ends, and a typo marked where it was made. */
import { credentialOf, headerName, HOST, mistype, transportOf, typoAt, type Ask } from "../model/request";
import type { Wallet } from "../model/wallet";
import { shortened } from "../model/words";
import { useProfile } from "./system";

export function SentRequest({ ask, wallet }: { ask: Ask; wallet: Wallet }) {
  const key = credentialOf(ask, wallet);
  return (
    <pre class="wire" tabIndex={0} aria-label="The request as it is sent">
      <span class="wire-method">{ask.method}</span> {shortened(ask.path)} HTTP/1.1{"\n"}
      <span class="dim">Host:</span> {HOST.replace("https://", "")}
      {key !== undefined && (
        <>
          {"\n"}
          <Credential ask={ask} secret={key} />
        </>
      )}
    </pre>
  );
}

/** The header line with the key in it. */
function Credential({ ask, secret }: { ask: Ask; secret: string }) {
  const transport = transportOf(ask, useProfile());
  const masked = <Masked secret={secret} typo={ask.typo} />;
  switch (transport.kind) {
    case "basic_password":
      return (
        <>
          <span class="dim">Authorization:</span> Basic <span class="dim">base64(</span>
          {shortened(ask.username)}:{masked}
          <span class="dim">)</span>
        </>
      );
    case "basic_whole":
      return (
        <>
          <span class="dim">Authorization:</span> Basic {masked}
        </>
      );
    case "bearer":
      return (
        <>
          <span class="dim">Authorization:</span> Bearer {masked}
        </>
      );
    case "header":
      return (
        <>
          <span class="dim">{headerName(transport.name)}:</span> {masked}
        </>
      );
  }
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
