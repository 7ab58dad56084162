/** Passkeys over the wire: what the server says as JSON becomes what the browser takes, and back. */

interface Described {
  id: string;
  type: string;
}

export interface MakeOptions {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Described[];
  [fact: string]: unknown;
}

export interface SignOptions {
  challenge: string;
  [fact: string]: unknown;
}

/** Whether this browser, at this address, can hold a passkey: a secure page under a name, not under a number. */
export const canPasskey = (): boolean =>
  window.isSecureContext && "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(location.hostname);

/** Let the browser make a passkey; rejects where the person declines. */
export async function makePasskey(options: MakeOptions): Promise<unknown> {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(({ id }) => ({ id: bytes(id), type: "public-key" as const })),
    } as unknown as PublicKeyCredentialCreationOptions, // the server speaks the specification's own JSON
  });
  const credential = made as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return told(credential, { attestationObject: text(response.attestationObject) });
}

/** Let the browser sign with a passkey of this address; rejects where the person declines. */
export async function signWithPasskey(options: SignOptions): Promise<unknown> {
  const found = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] } as PublicKeyCredentialRequestOptions,
  });
  const credential = found as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return told(credential, {
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle === null ? null : text(response.userHandle),
  });
}

function told(credential: PublicKeyCredential, facts: Record<string, string | null>): unknown {
  const response = { clientDataJSON: text(credential.response.clientDataJSON), ...facts };
  return { id: credential.id, rawId: credential.id, type: credential.type, response, clientExtensionResults: {} };
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
