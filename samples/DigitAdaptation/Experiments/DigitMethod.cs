namespace DigitAdaptation.Experiments;

/// <summary>One way of learning to read the target, as it stands in the table.</summary>
/// <param name="Name">The name on the command line, in lower case: <c>dann</c>.</param>
/// <param name="Title">The name in tables and pictures: <c>DANN</c>.</param>
/// <param name="Role">What it is for in the comparison.</param>
/// <param name="Train">Trains once and answers what it learned.</param>
public sealed record DigitMethod(string Name, string Title, MethodRole Role, Func<MethodRun, MethodOutcome> Train);
