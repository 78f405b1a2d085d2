import { Injectable, Logger } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { JWTPayload } from 'jose';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { type RefusalReason, TokenRefused } from './token-refused';
import type { TokenSettings } from './token-settings';
import { tokenVerifier } from './verify-token';

/** The function that verifies tokens for passport-jwt. Its types do not declare it. */
type PassportVerifier = (
  token: string,
  key: unknown,
  options: object,
  done: (error: unknown, claims?: JWTPayload) => void,
) => void;

// passport-jwt verifies with jsonwebtoken, which ignores `crit` and lacks EdDSA. Verify with jose instead:
// JwtStrategy passes its verifier as the key. Other strategies keep passport-jwt's own verifier.
const passportJwt = Strategy as unknown as { JwtVerifier: PassportVerifier };
const { JwtVerifier } = passportJwt;
passportJwt.JwtVerifier = (token, key, options, done) => {
  if (typeof key !== 'function') return JwtVerifier(token, key, options, done);
  key(token).then((claims: JWTPayload) => done(null, claims), done);
};

/**
 * Verifies the bearer token of the Authorization header and sets `request.user` to its claims. If the key
 * server fails, the strategy fails with a `ServiceUnavailableException`.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  /** @param onRefused called with the reason for each refused request. */
  constructor(settings: TokenSettings, onRefused: (reason: RefusalReason) => void) {
    const logger = new Logger('Auth');
    const refused = (refusal: TokenRefused) => {
      logger.debug(refusal.message);
      onRefused(refusal.reason);
    };
    const fromHeader = ExtractJwt.fromAuthHeaderAsBearerToken();
    const verifier = tokenVerifier(settings);
    const verify = async (token: string) => {
      try {
        return await verifier(token);
      } catch (error) {
        if (error instanceof TokenRefused) refused(error);
        throw error;
      }
    };
    super({
      jwtFromRequest: (request: Parameters<typeof fromHeader>[0]) => {
        const token = fromHeader(request);
        if (!token) refused(new TokenRefused('missing'));
        return token;
      },
      secretOrKey: verify as unknown as string,
    });
  }

  validate(claims: JWTPayload): JWTPayload {
    return claims;
  }
}
