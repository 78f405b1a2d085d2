/** The accepted values of `sslmode` in a database URL. */
export const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/** Modes that `pg` treats as `verify-full`, with a warning that its next major version will check less. */
const AS_VERIFY_FULL = /([?&]sslmode=)(?:require|verify-ca)(?=&|$)/g;
/** Makes `pg` check only what `libpq` does, which is less. */
const LIBPQ_COMPAT = /[?&]uselibpqcompat=true(?=&|$)/;

/** Whether the `sslmode` of a URL is missing or known. `pg` would treat an unknown one as `verify-full`. */
export function hasKnownSslMode(url: unknown): boolean {
  if (!URL.canParse(String(url))) return true;
  const modes = new URL(String(url)).searchParams.getAll('sslmode');
  return modes.every((mode) => (SSL_MODES as readonly string[]).includes(mode));
}

/**
 * Replaces `sslmode` with the mode that `pg` uses today, so that later versions check the same, without a
 * warning.
 */
export function withSafeSslMode(url: string): string {
  return LIBPQ_COMPAT.test(url) ? url : url.replace(AS_VERIFY_FULL, '$1verify-full');
}
