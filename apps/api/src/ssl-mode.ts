/** The values of `sslmode` that a database's URL may have. */
export const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/** Those that the driver takes for `verify-full`, with a warning that its next major version will check less. */
const AS_VERIFY_FULL = /([?&]sslmode=)(?:require|verify-ca)(?=&|$)/g;
/** Asks the driver for what `libpq` checks, which is less. */
const AS_LIBPQ = /[?&]uselibpqcompat=true(?=&|$)/;

/** Whether a URL has no `sslmode`, or one that the driver knows: it takes any other for `verify-full`. */
export function hasKnownSslMode(url: unknown): boolean {
  if (!URL.canParse(String(url))) return true;
  const modes = new URL(String(url)).searchParams.getAll('sslmode');
  return modes.every((mode) => (SSL_MODES as readonly string[]).includes(mode));
}

/** The URL, with the `sslmode` named by what the driver makes of it: the same checks in every version, and no warning. */
export function withSafeSslMode(url: string): string {
  return AS_LIBPQ.test(url) ? url : url.replace(AS_VERIFY_FULL, '$1verify-full');
}
