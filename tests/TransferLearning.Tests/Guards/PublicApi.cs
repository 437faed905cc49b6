using System.Reflection;
using System.Text;
using TransferLearning.Distributed;
using TransferLearning.Onnx;
using TransferLearning.Tabular;
using TransferLearning.Vision;

namespace TransferLearning.Tests.Guards;

/// <summary>
/// The public surface stands in <c>PublicApi/</c>, a file a namespace: a change of it is a decision, so it shows in the
/// diff. To accept one, run the tests with the environment variable <c>TRANSFERLEARNING_APPROVE=1</c>.
/// </summary>
public sealed class PublicApi
{
    private static readonly ILookup<string, Type> Exported = new[]
    {
        typeof(AdaptationBuilder),
        typeof(Table),
        typeof(Backbone),
        typeof(OnnxExtractor),
        typeof(ICommunicator),
    }
        .SelectMany(type => type.Assembly.GetExportedTypes())
        .ToLookup(type => type.Namespace!);

    public static TheoryData<string> Namespaces() =>
        [.. Exported.Select(group => group.Key).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Namespaces))]
    public void Surface_OfANamespace_IsTheApprovedOne(string name)
    {
        var path = Repository.Path("tests", "TransferLearning.Tests", "Guards", "PublicApi", name + ".txt");
        var actual = Describe(Exported[name]);
        if (Environment.GetEnvironmentVariable("TRANSFERLEARNING_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }
        var approved = File.ReadAllText(path).Split('\n');
        var present = actual.Split('\n');
        var added = present.Except(approved, StringComparer.Ordinal).Select(line => "+ " + line);
        var removed = approved.Except(present, StringComparer.Ordinal).Select(line => "- " + line);
        Assert.Equal("", string.Join('\n', added.Concat(removed)));
    }

    private static string Describe(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (var type in types.OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(type.FullName).Append('\n');
            var members = type.GetMembers(
                    BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly
                )
                .Where(member =>
                    member is not MethodBase { IsSpecialName: true } and not Type || member is ConstructorInfo
                )
                .Where(member => !member.Name.Contains('<', StringComparison.Ordinal))
                .Select(member => $"    {member.MemberType.ToString().ToLowerInvariant()} {member}")
                .Order(StringComparer.Ordinal);
            foreach (var member in members)
            {
                text.Append(member).Append('\n');
            }
        }
        return text.ToString();
    }

    private static string Kind(Type type) =>
        type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => "struct",
            _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => "class",
        };
}
