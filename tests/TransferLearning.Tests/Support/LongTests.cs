namespace TransferLearning.Tests.Support;

/// <summary>
/// Tests that take minutes stay out unless the environment variable <c>TRANSFERLEARNING_LONG</c> is 1.
/// </summary>
internal static class LongTests
{
    public static string? Skip { get; } =
        Environment.GetEnvironmentVariable("TRANSFERLEARNING_LONG") == "1"
            ? null
            : "takes minutes; TRANSFERLEARNING_LONG=1 runs it.";

    public static IReadOnlyCollection<KeyValuePair<string, string>> Traits { get; } = [new("Category", "Long")];
}
