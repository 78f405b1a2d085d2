/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "Asia/Kolkata"}
 */
import { describeTimes } from './times';

describeTimes('Kolkata', 330);
