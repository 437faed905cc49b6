using Mono.Cecil;
using Mono.Cecil.Cil;

// A step of the build: calls of TorchSharp's methods that have a twin in LivingScalars go to the twin. The source says
// x * 0.5, and the number lives until native code has read it. Arguments: the assembly, and the folders of what it
// refers to.
const string Twins = "TransferLearning.Internal.LivingScalars";

using var resolver = new DefaultAssemblyResolver();
foreach (var folder in args[1..])
{
    resolver.AddSearchDirectory(folder);
}

var path = args[0];
var (woven, symbols) = (new MemoryStream(), new MemoryStream());
using (
    var module = ModuleDefinition.ReadModule(
        path,
        new ReaderParameters
        {
            AssemblyResolver = resolver,
            ReadSymbols = true,
            SymbolReaderProvider = new DefaultSymbolReaderProvider(throwIfNoSymbol: false),
        }
    )
)
{
    var twins = module.GetType(Twins).Methods.ToDictionary(twin => Shape(twin, Parameters(twin)));
    var calls =
        from type in module.GetTypes()
        where type.FullName != Twins
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        where instruction.OpCode.Code is Code.Call or Code.Callvirt
        let called = (MethodReference)instruction.Operand
        where called.DeclaringType.Scope.Name == "TorchSharp" && !called.IsGenericInstance
        let twin = twins.GetValueOrDefault(Shape(called, [.. Instance(called), .. Parameters(called)]))
        where twin is not null
        select (instruction, twin);
    var count = 0;
    foreach (var (instruction, twin) in calls)
    {
        (instruction.OpCode, instruction.Operand) = (OpCodes.Call, twin);
        count++;
    }

    if (count == 0)
    {
        return;
    }

    // Symbols in a stream of their own stand under the assembly's name, without a folder of this machine.
    var isApart = module.SymbolReader is PortablePdbReader;
    module.Write(
        woven,
        new WriterParameters
        {
            WriteSymbols = module.HasSymbols,
            SymbolWriterProvider = isApart ? new PortablePdbWriterProvider() : new EmbeddedPortablePdbWriterProvider(),
            SymbolStream = isApart ? symbols : null,
            DeterministicMvid = true,
        }
    );
    Console.WriteLine($"{Path.GetFileName(path)}: {count} calls keep their numbers alive.");
}

// The assembly is gone until both are new: a build that is killed here compiles it again.
if (symbols.Length > 0)
{
    File.Delete(path);
    Replace(Path.ChangeExtension(path, ".pdb"), symbols);
}

Replace(path, woven);

static string Shape(MethodReference method, IEnumerable<string> parameters) =>
    $"{method.ReturnType.FullName} {method.Name}({string.Join(", ", parameters)})";

static IEnumerable<string> Parameters(MethodReference method) =>
    method.Parameters.Select(parameter => parameter.ParameterType.FullName);

static IEnumerable<string> Instance(MethodReference method) => method.HasThis ? [method.DeclaringType.FullName] : [];

// By a new file: an output folder may hold a link to the old one.
static void Replace(string path, MemoryStream content)
{
    var next = path + ".woven";
    File.WriteAllBytes(next, content.ToArray());
    File.Move(next, path, overwrite: true);
}
