namespace TransferLearning.Theory;

/// <summary>Something that is wrong with an adversarial training.</summary>
/// <param name="Symptom">What it is.</param>
/// <param name="Observation">The figures that show it, in a sentence.</param>
/// <param name="Remedy">What to change, in a sentence.</param>
public sealed record AdversarialFinding(AdversarialSymptom Symptom, string Observation, string Remedy)
{
    /// <inheritdoc />
    public override string ToString() => $"{Observation} {Remedy}";
}
