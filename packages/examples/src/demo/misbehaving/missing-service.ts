/** Says what it should not, and ends before it listens. */
process.stdout.write(`${JSON.stringify({ msg: "starting", password: "s3cret-fixture" })}\n`);
process.exitCode = 1;
