import { Injectable, Logger } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { JWTPayload } from 'jose';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { type RefusalReason, TokenRefused } from './token-refused';
import type { TokenSettings } from './token-settings';
import { tokenVerifier } from './verify-token';

/** What verifies a token for passport-jwt. Its types do not have it. */
type PassportVerifier = (
  token: string,
  key: unknown,
  options: object,
  done: (error: unknown, claims?: JWTPayload) => void,
) => void;

// passport-jwt takes the token from the request and runs passport's flow. It verifies with jsonwebtoken, which ignores `crit` and
// lacks EdDSA, so here jose does that. The strategy hands its verifier over as the key; other strategies are left alone.
const passportJwt = Strategy as unknown as { JwtVerifier: PassportVerifier };
const { JwtVerifier } = passportJwt;
passportJwt.JwtVerifier = (token, key, options, done) => {
  if (typeof key !== 'function') return JwtVerifier(token, key, options, done);
  key(token).then((claims: JWTPayload) => done(null, claims), done);
};

/**
 * Verifies the bearer token of the Authorization header; `request.user` becomes the token's claims. If the key server fails, the
 * strategy fails with a `ServiceUnavailableException`.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  /** @param onRefused is told why a request is refused, which its client is not. */
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
