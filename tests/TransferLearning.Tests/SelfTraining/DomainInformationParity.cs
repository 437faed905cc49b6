using TransferLearning.SelfTraining;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfTraining;

/// <summary>ITL's information about domains, which pytorch-adapt calls ISTLoss.</summary>
public sealed class DomainInformationParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["ist_loss"];

    public ParityResult Compute(ParityInputs inputs)
    {
        if (!inputs.Flag("with_entropy") || !inputs.Flag("with_diversity"))
        {
            return new ParityResult().Declines("loss", "one half of the information alone, which is no information");
        }
        var isTarget = inputs["domain_is_target"].to(@bool);
        Tensor Rows(Tensor which) => inputs["features"].index_select(0, which.nonzero().squeeze(1));
        return new ParityResult().With(
            "loss",
            new DomainInformation().Between(Rows(isTarget.logical_not()), Rows(isTarget))
        );
    }
}
