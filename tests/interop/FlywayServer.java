import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Permission;
import java.util.List;

/**
 * Runs Flyway's command line again and again in one Java machine, since starting one takes longer
 * than what Flyway then does. The argument is a folder with the named pipes "request" (the words of
 * a command line, one a line) and "reply" (its exit status); what the command prints is in the
 * files "stdout" and "stderr" there. An empty request ends the server.
 */
public class FlywayServer {
    /** Thrown where Flyway would end the machine. */
    static class Exit extends Error {
        final int status;

        Exit(int status) {
            this.status = status;
        }
    }

    static class NoExit extends SecurityManager {
        @Override
        public void checkExit(int status) {
            throw new Exit(status);
        }

        @Override
        public void checkPermission(Permission permission) {
        }
    }

    static int run(Method main, List<String> words) throws Exception {
        try {
            main.invoke(null, (Object) words.toArray(new String[0]));
            return 0;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exit exit) {
                return exit.status;
            }
            e.getCause().printStackTrace();
            return 70;
        }
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Method main = Class.forName("org.flywaydb.commandline.Main")
                .getMethod("main", String[].class);
        System.setSecurityManager(new NoExit());
        while (true) {
            List<String> words = Files.readAllLines(folder.resolve("request"));
            if (words.isEmpty()) {
                Runtime.getRuntime().halt(0);
            }
            int status;
            try (PrintStream out = new PrintStream(new FileOutputStream(folder + "/stdout"));
                    PrintStream err = new PrintStream(new FileOutputStream(folder + "/stderr"))) {
                System.setOut(out);
                System.setErr(err);
                status = run(main, words);
            }
            Files.writeString(folder.resolve("reply"), status + "\n");
        }
    }
}
