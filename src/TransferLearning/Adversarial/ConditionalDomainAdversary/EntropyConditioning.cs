namespace TransferLearning.Adversarial;

/// <summary>
/// Whether rows that the classifier is sure of count more for a conditional critic, by <c>1 + exp(-H(p))</c>.
/// </summary>
public enum EntropyConditioning
{
    /// <summary>All rows count alike: CDAN.</summary>
    None,

    /// <summary>
    /// CDAN+E with weights of mean 1 over all rows of the step, constants; a domain that is read more surely counts
    /// more.
    /// </summary>
    Joint,

    /// <summary>
    /// CDAN+E with weights of mean 1 over each domain, whose reversed gradient reaches the classifier: the authors'
    /// program.
    /// </summary>
    PerDomain,
}
