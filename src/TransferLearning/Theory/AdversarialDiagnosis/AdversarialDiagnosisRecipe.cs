using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Says whether an adversarial training works and what to change: put it into <c>FitOptions.Observers</c> and read
    /// its <c>Report()</c> after the fit.
    /// </summary>
    /// <param name="critic">The critic of the training.</param>
    /// <param name="weight">
    /// The factor of the adversarial gradient over progress, as the training has it. Default the ramp from 0 to 1,
    /// gamma 10.
    /// </param>
    public static AdversarialDiagnosis AdversarialDiagnosis(IDomainCritic critic, Schedule? weight = null) =>
        new(critic, weight);

    /// <inheritdoc cref="AdversarialDiagnosis(IDomainCritic, Schedule?)"/>
    public static AdversarialDiagnosis AdversarialDiagnosis(
        TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> critic,
        Schedule? weight = null
    ) => AdversarialDiagnosis(critic.AsPart(), weight);
}
