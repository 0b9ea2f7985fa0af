// SPDX-License-Identifier: Apache-2.0
// The peer of feel_pure: evaluations a second of the same condition by npm feelin. Prints two numbers: through its public
// evaluate(), which parses each time since the package offers nothing else, and with what that makes of the text made once,
// which takes a copy of the package with its inner functions exported.
import { copyFileSync, appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const seconds = Number(process.argv[2] || 5);
const dist = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', 'feelin', 'dist');
copyFileSync(join(dist, 'index.js'), join(dist, 'opened.js'));
appendFileSync(join(dist, 'opened.js'), '\nexport { interpreter, InterpreterContext, coerceContext };\n');
const { evaluate, interpreter, InterpreterContext, coerceContext } = await import(join(dist, 'opened.js'));

const text = 'amount > 1000 and status = "open"';
const given = { amount: 1500, status: 'open' };
const context = coerceContext(given);
const { root } = interpreter.evaluate(text, context, undefined, new InterpreterContext());

function perSecond(batch, once) {
  const began = performance.now();
  let n = 0;
  do {
    for (let i = 0; i < batch; i++, n++) {
      if (once(1001 + i) !== true) throw new Error('another answer');
    }
  } while (performance.now() - began < seconds * 1000);
  return (n * 1000) / (performance.now() - began);
}

const parsedEachTime = perSecond(1000, (amount) => {
  given.amount = amount;
  return evaluate(text, given).value;
});
const parsedOnce = perSecond(20000, (amount) => {
  context.amount = amount;
  return root(context);
});
console.log(Math.round(parsedEachTime), Math.round(parsedOnce));
